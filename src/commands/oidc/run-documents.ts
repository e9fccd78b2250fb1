import { discoveryDocument, keySetDocument, writeBundle } from '../../oidc/documents.ts';
import { checkIssuer, defaultKeySetUrl, parseHttpsUrl } from '../../oidc/issuer-url.ts';
import type { JsonObject } from '../../util/json.ts';
import type { CommandIo } from '../command-io.ts';
import { writeResult } from '../common/write-result.ts';
import { readSigningKeys, requireSigningKeys, type SigningKeyOptions } from './read-signing-keys.ts';
import { withRemarks } from './with-remarks.ts';
import { isTerminal } from '../../terminal/style.ts';

interface IssuerOptions {
  issuer: string;
  jwksUri?: string;
}

/** `irsa oidc jwks` */
export function runJwks(options: SigningKeyOptions & { legacyEmptyKid?: true }, io: CommandIo): Promise<void> {
  return withRemarks(async () => {
    const keys = await requireSigningKeys(options, io);
    await writeDocument(keySetDocument(keys, { legacyEmptyKid: options.legacyEmptyKid === true }), io);
  });
}

/** `irsa oidc discovery` */
export function runDiscovery(options: SigningKeyOptions & IssuerOptions, io: CommandIo): Promise<void> {
  return withRemarks(async () => {
    checkUrls(options);
    await writeDocument(discoveryOf(options, (await readSigningKeys(options, io)) ?? []), io);
  });
}

/** `irsa oidc bundle` */
export function runBundle(
  options: SigningKeyOptions & IssuerOptions & { dir: string; legacyEmptyKid?: true; force?: true },
  io: CommandIo,
): Promise<void> {
  return withRemarks(async () => {
    checkUrls(options);
    const keys = await requireSigningKeys(options, io);
    const files = await writeBundle({
      folder: options.dir,
      force: options.force === true,
      discovery: discoveryOf(options, keys),
      keySet: keySetDocument(keys, { legacyEmptyKid: options.legacyEmptyKid === true }),
    });
    await writeResult(io.stdout, files.map(({ path }) => `${path}\n`).join(''));
    for (const { path, result } of files) {
      if (result === 'unchanged') io.stderr.write(`${path} was the same already\n`);
    }
  });
}

function checkUrls({ issuer, jwksUri }: IssuerOptions): void {
  checkIssuer(issuer, '--issuer');
  if (jwksUri !== undefined) parseHttpsUrl(jwksUri, '--jwks-uri');
}

function discoveryOf({ issuer, jwksUri }: IssuerOptions, keys: readonly JsonObject[]): string {
  return discoveryDocument({ issuer, jwksUri: jwksUri ?? defaultKeySetUrl(issuer), keys });
}

/** Writes a document byte for byte, as kube-apiserver serves it; only on a terminal the line is ended. */
function writeDocument(document: string, { stdout }: CommandIo): Promise<void> {
  return writeResult(stdout, isTerminal(stdout) ? `${document}\n` : document);
}
