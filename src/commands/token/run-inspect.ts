import { parseDiscovery } from '../../oidc/documents.ts';
import { parseKeySet } from '../../oidc/published-key.ts';
import { OidcError, type Remark } from '../../oidc/remark.ts';
import { readClusterKeys } from '../../cluster/issuer.ts';
import { openCluster } from '../../cluster/open-cluster.ts';
import { checkToken } from '../../oidc/check-token.ts';
import { fetchDocument, type FetchOptions } from '../../oidc/fetch-document.ts';
import { checkIssuer, discoveryUrl } from '../../oidc/issuer-url.ts';
import { decodeToken, type TokenFacts } from '../../oidc/service-account-token.ts';
import { remarkOf } from '../../oidc/verify-issuer.ts';
import { verifySignature } from '../../oidc/verify-signature.ts';
import { createStyle } from '../../terminal/style.ts';
import type { JsonObject } from '../../util/json.ts';
import { quote } from '../../util/text.ts';
import { exitCodes, writeResult, type CommandIo, type ExitCode } from '../command-io.ts';
import { clusterAccess } from '../common/cluster-command.ts';
import { usageFailure } from '../common/command-failure.ts';
import { readOneFile } from '../common/read-input.ts';
import { fetchOptions, withRemarks } from '../oidc/remarks.ts';
import type { InspectOptions } from './token-command.ts';
import { tokenDocument, tokenText } from './token-text.ts';

/** `irsa token inspect`: resolves with the exit code. */
export async function runInspect(file: string, options: InspectOptions, io: CommandIo): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  await withRemarks(async () => {
    const { text, source } = await readOneFile(file, { stdin: io.stdin, recursive: false });
    const token = decodeToken(text, source);
    const nowMs = Date.now();
    const found: Remark<string>[] = [
      ...checkToken(token, { audiences: options.audience ?? ['sts.amazonaws.com'], nowMs }),
    ];
    const keys = await readVerificationKeys(options, token, io);
    if (keys !== undefined) found.push(...keys.findings);
    if (keys?.keys !== undefined) found.push(await verifySignature(text.trim(), keys.keys, keys.from));
    const findings = found.toSorted((a, b) => Number(a.severity !== 'ok') - Number(b.severity !== 'ok'));
    const inspected = { token, nowMs, isVerified: keys !== undefined, findings };
    const style = createStyle(options.color, io.stdout, io.environment);
    await writeResult(io.stdout, options.output === 'json' ? tokenDocument(inspected) : tokenText(inspected, style));
    if (findings.some(({ severity }) => severity === 'error')) exitCode = exitCodes.findings;
  });
  return exitCode;
}

/** The keys to verify a token by, or why there are none. */
interface VerificationKeys {
  readonly keys: readonly JsonObject[] | undefined;
  /** Where they come from, for messages. */
  readonly from: string;
  readonly findings: readonly Remark<string>[];
}

/**
 * The keys that the options ask for; undefined where they ask for none. What an issuer has wrong is a finding; rejects with
 * CommandFailure, KubernetesError or OidcError for what the caller can correct.
 */
async function readVerificationKeys(
  options: InspectOptions,
  token: TokenFacts,
  io: CommandIo,
): Promise<VerificationKeys | undefined> {
  const { jwks, issuer, fromCluster, verify } = options;
  const sources = [jwks, issuer, fromCluster].filter(source => source !== undefined).length;
  if (sources > 1) throw usageFailure('expected one of --jwks, --issuer and --from-cluster, found several');
  if (sources === 0 && verify === undefined) return undefined;
  if (jwks !== undefined) return ofFile(jwks, io);
  if (issuer !== undefined) return ofIssuer(issuer, token, await fetchOptions(options, io), io);
  if (fromCluster === undefined)
    throw usageFailure('--verify: expected --jwks, --issuer or --from-cluster with it, found none');
  const cluster = await openCluster(clusterAccess(options), io.environment);
  return { keys: await readClusterKeys(cluster), from: `the cluster ${cluster.server}`, findings: [] };
}

async function ofFile(path: string, { stdin }: CommandIo): Promise<VerificationKeys> {
  const { text, source } = await readOneFile(path, { stdin, recursive: false });
  return { keys: parseKeySet(text, source).keys, from: source, findings: [] };
}

/** A URL that only the token names is fetched only for `--issuer` alone, and that is said before. */
async function ofIssuer(
  given: string | true,
  token: TokenFacts,
  options: FetchOptions,
  { stderr }: CommandIo,
): Promise<VerificationKeys> {
  if (given !== true) {
    const issuer = checkIssuer(given, '--issuer');
    const fetched = await fetchKeys(issuer, options);
    return { ...fetched, findings: [...differing(issuer, token.issuer), ...fetched.findings] };
  }
  if (token.issuer === undefined) return { keys: undefined, from: '', findings: [] };
  try {
    const issuer = checkIssuer(token.issuer, 'iss');
    stderr.write(`fetching the keys of ${quote(issuer)}, which the token itself names\n`);
    return await fetchKeys(issuer, options);
  } catch (error) {
    return failed('', error);
  }
}

function differing(expected: string, found: string | undefined): readonly Remark<string>[] {
  if (found === expected) return [];
  return [{ code: 'issuer_differs', severity: 'error', text: `iss: expected ${expected}`, found: found ?? '' }];
}

async function fetchKeys(issuer: string, options: FetchOptions): Promise<VerificationKeys> {
  try {
    const document = await fetchDocument(discoveryUrl(issuer), options);
    const discovery = parseDiscovery(document.text, document.url);
    const keySet = await fetchDocument(discovery.jwksUri ?? '', options);
    return { keys: parseKeySet(keySet.text, keySet.url).keys, from: keySet.url, findings: [] };
  } catch (error) {
    return failed(issuer, error);
  }
}

function failed(from: string, error: unknown): VerificationKeys {
  if (error instanceof OidcError) return { keys: undefined, from, findings: [remarkOf(error)] };
  throw error;
}
