import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnLoopback } from '../../support/listen-on-loopback.ts';
import { startSts } from '../../support/sts/sts-server.ts';
import { startTokenIssuer } from '../../support/sts/token-issuer.ts';
import { webIdentityPolicy } from '../../support/sts/web-identity-policy.ts';

/** What the application's own credentials endpoint asks for. */
export const ownPassword = 'mine';

const audiences = ['sts.amazonaws.com', 'pods.eks.amazonaws.com'] as const;

/** All that an application on a node of AWS may ask for credentials: STS, the node, the agent of the node, its own endpoint. */
export interface Surroundings extends AsyncDisposable {
  /** The two addresses that are fixed in a cluster and are here on loopback, and the region, which is none of our question. */
  readonly environment: { readonly [name: string]: string };
  /** `…/own` asks for the password, `…/open` for nothing: the application's own. `…/agent` asks for our token. */
  readonly url: string;
  /** Audience -> token of the pod's ServiceAccount. */
  readonly tokens: ReadonlyMap<string, string>;
  /** The `Authorization` headers that the application's own endpoints received. */
  readonly sentToOwn: readonly (string | undefined)[];
}

/** Starts them. The name at the end of the ARN that STS answers says whose credentials the application has found. */
export async function startSurroundings(): Promise<Surroundings> {
  const issuer = await startTokenIssuer();
  const tokens = new Map<string, string>();
  for (const audience of audiences) tokens.set(audience, await issuer.sign(claims(issuer.issuer, audience)));
  const policy = { account: '111122223333', issuer: issuer.issuer, namespace: 'shop', serviceAccount: 'cart' };
  const sts = await startSts({
    providers: [{ issuer: issuer.issuer, audiences: ['sts.amazonaws.com'], ca: issuer.ca }],
    roles: ['app', 'target'].map(name => ({
      arn: roleArn(name),
      trustPolicy: webIdentityPolicy(policy),
      assumedBy: [userArn('keys')],
    })),
    keys: Object.fromEntries(givenOut.map(name => [accessKeyId(name), userArn(name)])),
  });
  const sentToOwn: (string | undefined)[] = [];
  const server = createServer((request, response) => answer(request, response, { tokens, sentToOwn }));
  const { port, close } = await listenOnLoopback(server);
  const url = `http://127.0.0.1:${port}`;
  const region = { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1' };
  return {
    environment: { ...region, AWS_ENDPOINT_URL_STS: sts.url, AWS_EC2_METADATA_SERVICE_ENDPOINT: url },
    url,
    tokens,
    sentToOwn,
    async [Symbol.asyncDispose]() {
      await Promise.all([close(), sts[Symbol.asyncDispose](), issuer[Symbol.asyncDispose]()]);
    },
  };
}

/** Those who have credentials that no role session of STS is behind. */
const givenOut = ['keys', 'profile', 'node', 'agent', 'endpoint'] as const;
type GivenOut = (typeof givenOut)[number];

export function accessKeyId(of: GivenOut): string {
  return `AKIA${of.toUpperCase()}`.padEnd(20, '0');
}

export function roleArn(name: string): string {
  return `arn:aws:iam::111122223333:role/${name}`;
}

function userArn(name: GivenOut): string {
  return `arn:aws:iam::111122223333:user/${name}`;
}

function claims(iss: string, aud: string): { readonly [claim: string]: unknown } {
  const now = Math.floor(Date.now() / 1000);
  return { iss, sub: 'system:serviceaccount:shop:cart', aud: [aud], iat: now - 10, nbf: now - 10, exp: now + 3600 };
}

function answer(
  { method, url, headers: { authorization } }: IncomingMessage,
  response: ServerResponse,
  { tokens, sentToOwn }: { readonly tokens: Surroundings['tokens']; readonly sentToOwn: (string | undefined)[] },
): void {
  if (url === '/own' || url === '/open') {
    sentToOwn.push(authorization);
    return send(response, url === '/open' || authorization === ownPassword ? credentials('endpoint') : undefined);
  }
  if (url === '/agent') {
    return send(response, authorization === tokens.get('pods.eks.amazonaws.com') ? credentials('agent') : undefined);
  }
  send(response, method === 'PUT' || method === 'GET' ? instanceMetadata(url) : undefined);
}

/** What https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html shows. */
function instanceMetadata(path: string | undefined): string | undefined {
  if (path === '/latest/api/token') return 'session';
  if (path === '/latest/meta-data/iam/security-credentials/') return 'node';
  return path === '/latest/meta-data/iam/security-credentials/node' ? credentials('node') : undefined;
}

function credentials(of: GivenOut): string {
  const Expiration = new Date(Date.now() + 3_600_000).toISOString();
  const fields = { AccessKeyId: accessKeyId(of), SecretAccessKey: 'secret', Token: 'session', Expiration };
  return JSON.stringify({ Code: 'Success', Type: 'AWS-HMAC', LastUpdated: new Date().toISOString(), ...fields });
}

function send(response: ServerResponse, body: string | undefined): void {
  const headers = { 'content-type': 'application/json', 'x-aws-ec2-metadata-token-ttl-seconds': '21600' };
  response.writeHead(body === undefined ? 401 : 200, headers).end(body);
}
