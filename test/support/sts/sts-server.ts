import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { listenOnLoopback } from '../listen-on-loopback.ts';
import {
  assumeRole,
  assumeRoleWithWebIdentity,
  getCallerIdentity,
  type Action,
  type StsRole,
  type StsService,
} from './actions.ts';
import { RoleSessions } from './role-session.ts';
import { StsError } from './sts-error.ts';
import { parseTrustPolicy } from './trust-policy.ts';
import type { OidcProvider } from './web-identity-token.ts';
import { renderDocument } from './xml.ts';

const version = '2011-06-15';

export interface StsOptions {
  /** The OIDC providers, registered in the account of every role. */
  readonly providers: readonly OidcProvider[];
  readonly roles: readonly StsRole[];
  /** Credentials that others give out: access key ID -> ARN of its bearer. */
  readonly keys?: { readonly [accessKeyId: string]: string };
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** PEM; without it plain HTTP is served. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A running stand-in for AWS STS. */
export interface Sts extends AsyncDisposable {
  /** For AWS_ENDPOINT_URL_STS. */
  readonly url: string;
}

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['AssumeRole', assumeRole],
  ['AssumeRoleWithWebIdentity', assumeRoleWithWebIdentity],
  ['GetCallerIdentity', getCallerIdentity],
]);

/**
 * Starts a stand-in for AWS STS on a loopback port, as strict as AWS: a token is worth something only when its issuer is
 * registered, its signature verifies with the keys that the issuer publishes, and the role's trust policy allows it.
 */
export async function startSts({ providers, roles, keys = {}, now = Date.now, tls }: StsOptions): Promise<Sts> {
  const parsed = roles.map(role => [role.arn, { ...role, policy: parseTrustPolicy(role.trustPolicy) }] as const);
  const service: StsService = {
    providers,
    roles: new Map(parsed),
    keys: new Map(Object.entries(keys)),
    sessions: new RoleSessions(),
    now,
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    void answer(service, request, response);
  const server = tls
    ? createHttpsServer({ cert: tls.certificate, key: tls.key }, listener)
    : createHttpServer(listener);
  const { port, close } = await listenOnLoopback(server);
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

async function answer(service: StsService, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomUUID();
  const { status, body } = await perform(service, request, requestId).catch((error: unknown) =>
    refusal(error, requestId),
  );
  response.writeHead(status, { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }).end(body);
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function perform(service: StsService, request: IncomingMessage, requestId: string): Promise<Answer> {
  const form = await readForm(request);
  const name = form.get('Action');
  if (name === null) throw new StsError('MissingAction', 'The request is missing an action or a required parameter.');
  const action = form.get('Version') === version ? actions.get(name) : undefined;
  if (action === undefined) {
    const message = `Could not find operation ${name} for version ${form.get('Version') ?? 'NO_VERSION_SPECIFIED'}`;
    throw new StsError('InvalidAction', message);
  }
  const result = await action(service, form, request);
  const content = { [`${name}Result`]: result, ResponseMetadata: { RequestId: requestId } };
  return { status: 200, body: renderDocument(`${name}Response`, content) };
}

function refusal(error: unknown, requestId: string): Answer {
  const { code, status, message } =
    error instanceof StsError ? error : new StsError('InternalFailure', `defect of the stand-in: ${String(error)}`);
  const type = status < 500 ? 'Sender' : 'Receiver';
  const content = { Error: { Type: type, Code: code, Message: message }, RequestId: requestId };
  return { status, body: renderDocument('ErrorResponse', content) };
}

/** What is not a form posted to `/` has no action. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const body = await text(request);
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  return new URLSearchParams(request.method === 'POST' && request.url === '/' && isForm ? body : '');
}
