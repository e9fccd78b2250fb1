// An application that uses the AWS SDK for JavaScript: prints which credentials it has found.
import { STSClient } from '@aws-sdk/client-sts';

const { accessKeyId } = await new STSClient().config.credentials();
process.stdout.write(`${accessKeyId}\n`);
