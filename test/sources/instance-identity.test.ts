import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { readInstanceIdentity } from '../../src/sources/instance-identity.ts';
import { listenOnLoopback } from '../support/listen-on-loopback.ts';

interface FakeMetadata extends AsyncDisposable {
  readonly endpoint: string;
  readonly requests: string[];
}

/** The metadata service of EC2 as far as it matters: a token by PUT, the document only with it. */
async function createMetadata(document: string, answersToken = true): Promise<FakeMetadata> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (request.method === 'PUT' && request.url === '/latest/api/token') {
      if (answersToken) response.end('metadata-token');
      return;
    }
    const allowed = request.headers['x-aws-ec2-metadata-token'] === 'metadata-token';
    const right = request.url === '/latest/dynamic/instance-identity/document';
    response.statusCode = allowed ? (right ? 200 : 404) : 401;
    response.end(document);
  });
  const listening = await listenOnLoopback(server);
  return {
    endpoint: `http://127.0.0.1:${listening.port}`,
    requests,
    [Symbol.asyncDispose]: () => listening.close(),
  };
}

const documentOf = (region: string, accountId = '111122223333'): string => JSON.stringify({ region, accountId });

describe('readInstanceIdentity()', () => {
  test.each([
    { region: 'eu-central-1', partition: 'aws' },
    { region: 'cn-north-1', partition: 'aws-cn' },
    { region: 'us-gov-west-1', partition: 'aws-us-gov' },
    { region: 'us-iso-east-1', partition: 'aws-iso' },
    { region: 'us-isob-east-1', partition: 'aws-iso-b' },
    { region: 'eu-isoe-west-1', partition: 'aws-iso-e' },
    { region: 'us-isof-south-1', partition: 'aws-iso-f' },
    { region: 'eusc-de-east-1', partition: 'aws-eusc' },
  ])('gives $partition for $region (E49)', async ({ region, partition }) => {
    await using metadata = await createMetadata(documentOf(region));
    const identity = await readInstanceIdentity({ endpoint: metadata.endpoint, timeoutMs: 5_000 });
    expect(identity).toEqual({ accountId: '111122223333', partition });
    expect(metadata.requests).toEqual(['PUT /latest/api/token', 'GET /latest/dynamic/instance-identity/document']);
  });

  test.each([
    { name: 'no JSON', document: '<html>', expected: 'JSON' },
    { name: 'no object', document: '[]', expected: 'expected a JSON object' },
    {
      name: 'an account of 11 digits',
      document: documentOf('eu-west-1', '11112222333'),
      expected: 'accountId of 12 digits',
    },
    { name: 'no account', document: '{"region":"eu-west-1"}', expected: 'accountId of 12 digits' },
    { name: 'no region', document: '{"accountId":"111122223333"}', expected: 'expected a region' },
  ])('rejects when the document has $name', async ({ document, expected }) => {
    await using metadata = await createMetadata(document);
    await expect(readInstanceIdentity({ endpoint: metadata.endpoint, timeoutMs: 5_000 })).rejects.toThrow(expected);
  });

  test('rejects in time and says what to do when nothing answers (E52)', async () => {
    await using metadata = await createMetadata('', false);
    const reading = readInstanceIdentity({ endpoint: metadata.endpoint, timeoutMs: 100 });
    await expect(reading).rejects.toMatchObject({
      name: 'InstanceIdentityError',
      message: expect.stringMatching(/--compose-role-arn.*give --account-id and --partition.*hop limit 2/),
    });
    expect(metadata.requests).toEqual(['PUT /latest/api/token']);
  });

  test('rejects when nobody listens', async () => {
    const metadata = await createMetadata('');
    await metadata[Symbol.asyncDispose]();
    const reading = readInstanceIdentity({ endpoint: metadata.endpoint, timeoutMs: 5_000 });
    await expect(reading).rejects.toThrow('give --account-id and --partition');
  });
});
