// Runs as a child process of who-am-i.ts: an application that uses the AWS SDK and knows nothing of its surroundings.
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { CallerIdentity } from './who-am-i.ts';

async function identify(): Promise<CallerIdentity> {
  try {
    const { Account = '', Arn = '', UserId = '' } = await new STSClient().send(new GetCallerIdentityCommand());
    return { kind: 'identified', account: Account, arn: Arn, userId: UserId };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { kind: 'refused', name: error.name, message: error.message };
  }
}

console.log(JSON.stringify(await identify()));
