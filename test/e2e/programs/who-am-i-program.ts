// An application that uses the AWS SDK for JavaScript and knows nothing of its surroundings: prints who it is.
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

const { Arn } = await new STSClient().send(new GetCallerIdentityCommand());
process.stdout.write(`${JSON.stringify({ arn: Arn })}\n`);
