import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCertificateAuthority } from '../certificates.ts';
import { startSts, type Sts, type StsOptions } from './sts-server.ts';
import { startTokenIssuer, type TokenIssuer } from './token-issuer.ts';
import { webIdentityPolicy } from './web-identity-policy.ts';

const account = '111122223333';
const roleArn = `arn:aws:iam::${account}:role/teams/app-role`;
const nowMs = Date.parse('2026-11-24T12:00:00Z');
const nowSeconds = nowMs / 1000;
const subject = 'system:serviceaccount:team-a:app';

let issuer: TokenIssuer;
let sts: Sts;

function options(issuer: TokenIssuer, changes: Partial<StsOptions> = {}): StsOptions {
  return {
    providers: [{ issuer: issuer.issuer, audiences: ['sts.amazonaws.com'], ca: issuer.ca }],
    roles: [
      {
        arn: roleArn,
        trustPolicy: webIdentityPolicy({ account, issuer: issuer.issuer, namespace: 'team-a', serviceAccount: 'app' }),
      },
    ],
    now: () => nowMs,
    ...changes,
  };
}

beforeAll(async () => {
  issuer = await startTokenIssuer();
  sts = await startSts(options(issuer));
});

afterAll(async () => {
  await sts[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

type Changes = { readonly [name: string]: unknown };

/** A good token, with changes; a claim of undefined is left out. */
function sign(changes: Changes = {}, by: TokenIssuer = issuer): Promise<string> {
  const times = { iat: nowSeconds - 10, nbf: nowSeconds - 10, exp: nowSeconds + 600 };
  return by.sign({ iss: by.issuer, sub: subject, aud: ['sts.amazonaws.com'], ...times, ...changes });
}

/** A good request, with changes; a parameter of undefined is left out. */
async function assume(
  changes: { readonly [name: string]: string | undefined } = {},
  at: Sts = sts,
): Promise<StsAnswer> {
  const parameters = {
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: roleArn,
    RoleSessionName: 'app-7d4b9',
    WebIdentityToken: changes['WebIdentityToken'] ?? (await sign()),
    ...changes,
  };
  const present = Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return post(at, new URLSearchParams(present));
}

function signedBy(accessKeyId: string, sessionToken: string): { readonly [name: string]: string } {
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261124/eu-central-1/sts/aws4_request, SignedHeaders=host, Signature=0`,
    'x-amz-security-token': sessionToken,
  };
}

interface StsAnswer {
  readonly status: number;
  readonly text: string;
}

async function post(
  at: Sts,
  body: URLSearchParams,
  headers: { readonly [name: string]: string } = {},
): Promise<StsAnswer> {
  const response = await fetch(at.url, { method: 'POST', body, headers });
  expect(response.headers.get('content-type')).toBe('text/xml');
  return { status: response.status, text: await response.text() };
}

function element(text: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
}

function refusal({ status, text }: StsAnswer): object {
  return { status, code: element(text, 'Code'), message: element(text, 'Message') };
}

describe('AssumeRoleWithWebIdentity', () => {
  test('answers a good token with credentials, in the form of AWS', async () => {
    const { status, text } = await assume({ DurationSeconds: '900' });
    const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}';
    const provider = `arn:aws:iam::${account}:oidc-provider/${issuer.issuer.slice('https://'.length)}`;
    expect(status).toBe(200);
    expect(text).toMatch(
      new RegExp(
        `^<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>` +
          `<SubjectFromWebIdentityToken>${subject}</SubjectFromWebIdentityToken><Audience>sts.amazonaws.com</Audience>` +
          `<AssumedRoleUser><Arn>arn:aws:sts::${account}:assumed-role/app-role/app-7d4b9</Arn>` +
          `<AssumedRoleId>AROA[A-Z2-7]{16}:app-7d4b9</AssumedRoleId></AssumedRoleUser>` +
          `<Credentials><AccessKeyId>ASIA[A-Z2-7]{16}</AccessKeyId><SecretAccessKey>[\\w+/]{40}</SecretAccessKey>` +
          `<SessionToken>[\\w+/=]{320}</SessionToken><Expiration>2026-11-24T12:15:00Z</Expiration></Credentials>` +
          `<Provider>${provider}</Provider></AssumeRoleWithWebIdentityResult>` +
          `<ResponseMetadata><RequestId>${uuid}</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>$`,
      ),
    );
  });

  test('gives credentials for an hour when no duration is asked for', async () => {
    expect(element((await assume()).text, 'Expiration')).toBe('2026-11-24T13:00:00Z');
  });

  const notAuthorized = {
    status: 403,
    code: 'AccessDenied',
    message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
  };
  const invalid = (message: unknown): object => ({ status: 400, code: 'InvalidIdentityToken', message });

  test.each<{ name: string; claims: Changes; expected: object }>([
    { name: 'another subject', claims: { sub: 'system:serviceaccount:team-b:app' }, expected: notAuthorized },
    { name: 'another audience', claims: { aud: ['vault'] }, expected: invalid('Incorrect token audience') },
    { name: 'no audience', claims: { aud: undefined }, expected: invalid('Missing a required claim: aud') },
    { name: 'an empty list of audiences', claims: { aud: [] }, expected: invalid('Missing a required claim: aud') },
    { name: 'no subject', claims: { sub: undefined }, expected: invalid('Missing a required claim: sub') },
    { name: 'no end', claims: { exp: undefined }, expected: invalid('Missing a required claim: exp') },
    {
      name: 'an issuer that is not registered',
      claims: { iss: 'https://elsewhere.example' },
      expected: invalid('No OpenIDConnect provider found in your account for https://elsewhere.example'),
    },
    {
      name: 'a time that is over',
      claims: { exp: nowSeconds },
      expected: {
        status: 400,
        code: 'ExpiredTokenException',
        message: `Token expired: current date/time ${nowSeconds} must be before the expiration date/time ${nowSeconds}`,
      },
    },
    {
      name: 'a time to come',
      claims: { nbf: nowSeconds + 1 },
      expected: invalid(expect.stringContaining('not valid yet')),
    },
  ])('refuses a token with $name', async ({ claims, expected }) => {
    expect(refusal(await assume({ WebIdentityToken: await sign(claims) }))).toEqual(expected);
  });

  test('refuses a token of which a claim was changed after it was signed', async () => {
    const [header, , signature] = (await sign()).split('.');
    const [, forged] = (await sign({ exp: nowSeconds + 86_400 })).split('.');
    const answer = await assume({ WebIdentityToken: `${header}.${forged}.${signature}` });
    expect(refusal(answer)).toEqual(invalid('The web identity token has an invalid signature'));
  });

  test('refuses an unsigned token', async () => {
    const [, payload] = (await sign()).split('.');
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    const answer = await assume({ WebIdentityToken: `${header}.${payload}.` });
    expect(refusal(answer)).toEqual(invalid('The web identity token has an invalid signature'));
  });

  test('refuses what is no token', async () => {
    expect(refusal(await assume({ WebIdentityToken: 'AKIDEXAMPLE' }))).toEqual(
      invalid('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)'),
    );
  });

  test.each<{ name: string; parameters: { readonly [name: string]: string | undefined }; expected: object }>([
    { name: 'a role that does not exist', parameters: { RoleArn: `${roleArn}2` }, expected: notAuthorized },
    {
      name: 'a role of another account',
      parameters: { RoleArn: roleArn.replace(account, '444455556666') },
      expected: notAuthorized,
    },
    {
      name: 'the ARN of a user',
      parameters: { RoleArn: `arn:aws:iam::${account}:user/somebody` },
      expected: { status: 400, code: 'ValidationError', message: 'Request ARN is invalid' },
    },
    {
      name: 'a longer session than the role allows',
      parameters: { DurationSeconds: '3601' },
      expected: {
        status: 400,
        code: 'ValidationError',
        message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      },
    },
    {
      name: 'another action',
      parameters: { Action: 'GetSessionToken' },
      expected: {
        status: 400,
        code: 'InvalidAction',
        message: 'Could not find operation GetSessionToken for version 2011-06-15',
      },
    },
    {
      name: 'no version',
      parameters: { Version: undefined },
      expected: {
        status: 400,
        code: 'InvalidAction',
        message: 'Could not find operation AssumeRoleWithWebIdentity for version NO_VERSION_SPECIFIED',
      },
    },
    {
      name: 'no action',
      parameters: { Action: undefined },
      expected: {
        status: 400,
        code: 'MissingAction',
        message: 'The request is missing an action or a required parameter.',
      },
    },
  ])('refuses a request with $name', async ({ parameters, expected }) => {
    expect(refusal(await assume(parameters))).toEqual(expected);
  });

  const validationError = (message: string): object => ({ status: 400, code: 'ValidationError', message });
  const violation = (value: string, member: string, constraint: string): string =>
    `Value ${value} at &#39;${member}&#39; failed to satisfy constraint: Member must ${constraint}`;

  test.each([
    { parameter: 'RoleArn', value: undefined, expected: violation('null', 'roleArn', 'not be null') },
    { parameter: 'RoleSessionName', value: undefined, expected: violation('null', 'roleSessionName', 'not be null') },
    {
      parameter: 'RoleSessionName',
      value: 'a',
      expected: violation('&#39;a&#39;', 'roleSessionName', 'have length greater than or equal to 2'),
    },
    {
      parameter: 'RoleSessionName',
      value: 'a'.repeat(65),
      expected: violation(`&#39;${'a'.repeat(65)}&#39;`, 'roleSessionName', 'have length less than or equal to 64'),
    },
    {
      parameter: 'RoleSessionName',
      value: 'team-a/app',
      expected: violation(
        '&#39;team-a/app&#39;',
        'roleSessionName',
        'satisfy regular expression pattern: [\\w+=,.@-]*',
      ),
    },
    {
      parameter: 'DurationSeconds',
      value: '899',
      expected: violation('&#39;899&#39;', 'durationSeconds', 'have value greater than or equal to 900'),
    },
    {
      parameter: 'DurationSeconds',
      value: '43201',
      expected: violation('&#39;43201&#39;', 'durationSeconds', 'have value less than or equal to 43200'),
    },
  ])('refuses $parameter "$value"', async ({ parameter, value, expected }) => {
    expect(refusal(await assume({ [parameter]: value }))).toEqual(
      validationError(`1 validation error detected: ${expected}`),
    );
  });

  test('accepts session names of 2 and of 64 characters', async () => {
    for (const name of ['ab', `${'a'.repeat(57)}+=,.@-_`]) {
      expect((await assume({ RoleSessionName: name })).status).toBe(200);
    }
  });

  test('names all that is wrong with the parameters at once', async () => {
    const { text } = await assume({ RoleArn: undefined, RoleSessionName: undefined });
    expect(element(text, 'Message')).toMatch(/^2 validation errors detected: .*roleArn.*; .*roleSessionName/);
  });

  test.each([
    { what: 'content of another type', init: { headers: { 'content-type': 'application/json' } } },
    { what: 'another path', path: '/other' },
    { what: 'another method', init: { method: 'PUT' } },
  ])('finds no action in $what', async ({ path = '/', init = {} }) => {
    const body = new URLSearchParams({ Action: 'GetCallerIdentity', Version: '2011-06-15' });
    const response = await fetch(sts.url + path, { method: 'POST', body, ...init });
    expect(element(await response.text(), 'Code')).toBe('MissingAction');
  });
});

describe('the issuer as STS finds it', () => {
  const noKey = expect.stringContaining('retrieve verification key from your identity provider');

  test.each([
    { name: 'no discovery document', overrides: { '/.well-known/openid-configuration': undefined } },
    {
      name: 'a discovery document of another issuer',
      overrides: { '/.well-known/openid-configuration': { issuer: 'https://x', jwks_uri: 'https://x/keys' } },
    },
    { name: 'no keys', overrides: { '/keys': { keys: [] } } },
    { name: 'keys in another form', overrides: { '/keys': [] } },
  ])('is refused with $name', async ({ overrides }) => {
    await using broken = await startTokenIssuer(overrides);
    await using sts = await startSts(options(broken));
    const answer = await assume({ WebIdentityToken: await sign({}, broken) }, sts);
    expect(refusal(answer)).toEqual({ status: 400, code: 'InvalidIdentityToken', message: noKey });
  });

  test('is refused when its certificate is of an authority that was not registered', async () => {
    const ca = createCertificateAuthority().certificate;
    const providers = options(issuer).providers.map(provider => ({ ...provider, ca }));
    await using sts = await startSts(options(issuer, { providers }));
    expect(refusal(await assume({}, sts))).toEqual({
      status: 400,
      code: 'InvalidIdentityToken',
      message: 'OpenIDConnect provider&#39;s HTTPS certificate doesn&#39;t match configured thumbprint',
    });
  });

  test('is told as unreachable when nobody listens', async () => {
    const gone = await startTokenIssuer();
    await gone[Symbol.asyncDispose]();
    await using sts = await startSts(options(gone));
    const answer = await assume({ WebIdentityToken: await sign({}, gone) }, sts);
    expect(refusal(answer)).toMatchObject({ status: 400, code: 'IDPCommunicationError' });
  });
});

describe('AssumeRole', () => {
  const reader = `arn:aws:iam::${account}:user/reader`;
  const parameters = { Action: 'AssumeRole', Version: '2011-06-15', RoleArn: roleArn, RoleSessionName: 'reader' };

  test.each([
    { who: 'whom the role trusts', assumedBy: [reader], status: 200, arn: 'assumed-role/app-role/reader' },
    { who: 'whom it does not trust', assumedBy: [], status: 403, arn: undefined },
  ])('gives credentials of the role to nobody but those $who', async ({ assumedBy, status, arn }) => {
    const [role] = options(issuer).roles;
    const roles = role === undefined ? [] : [{ ...role, assumedBy }];
    await using sts = await startSts(options(issuer, { keys: { AKIAREADER: reader }, roles }));
    const answer = await post(sts, new URLSearchParams(parameters), signedBy('AKIAREADER', ''));
    expect(answer.status).toBe(status);
    expect(element(answer.text, 'Arn')?.endsWith(arn ?? '')).toBe(arn === undefined ? undefined : true);
  });
});

describe('GetCallerIdentity', () => {
  const form = new URLSearchParams({ Action: 'GetCallerIdentity', Version: '2011-06-15' });
  test('tells whose credentials they are, until they end', async () => {
    let clockMs = nowMs;
    await using sts = await startSts(options(issuer, { now: () => clockMs }));
    const { text } = await assume({}, sts);
    const headers = signedBy(element(text, 'AccessKeyId') ?? '', element(text, 'SessionToken') ?? '');
    const identity = await post(sts, form, headers);
    expect(identity.status).toBe(200);
    expect(element(identity.text, 'Arn')).toBe(`arn:aws:sts::${account}:assumed-role/app-role/app-7d4b9`);
    expect(element(identity.text, 'Account')).toBe(account);
    expect(element(identity.text, 'UserId')).toBe(element(text, 'AssumedRoleId'));

    clockMs += 60 * 60 * 1000;
    expect(refusal(await post(sts, form, headers))).toMatchObject({ status: 403, code: 'ExpiredToken' });
  });

  test('tells who bears credentials that others gave out', async () => {
    const arn = `arn:aws:iam::${account}:user/reader`;
    await using sts = await startSts(options(issuer, { keys: { AKIAREADER: arn } }));
    const identity = await post(sts, form, signedBy('AKIAREADER', ''));
    expect(element(identity.text, 'Arn')).toBe(arn);
    expect(element(identity.text, 'Account')).toBe(account);
  });

  test('refuses the key of one session with the token of another', async () => {
    const [first, second] = [await assume(), await assume()];
    const headers = signedBy(element(first.text, 'AccessKeyId') ?? '', element(second.text, 'SessionToken') ?? '');
    expect(refusal(await post(sts, form, headers))).toMatchObject({ status: 403, code: 'InvalidClientTokenId' });
  });

  test('refuses a request without a signature', async () => {
    expect(refusal(await post(sts, form))).toMatchObject({ status: 403, code: 'MissingAuthenticationToken' });
  });
});
