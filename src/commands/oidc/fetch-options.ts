import type { FetchOptions } from '../../oidc/fetch-document.ts';
import type { CommandIo } from '../command-io.ts';
import { CommandFailure } from '../common/command-failure.ts';
import { readOneFile } from '../common/read-input.ts';

/** For one document. A person waits no longer, and a sound server needs a tenth of it. */
const documentTimeoutMs = 10_000;

/** How to fetch the issuer's documents. Rejects with CommandFailure when `--ca-file` is no file of certificates. */
export async function fetchOptions({ caFile }: { caFile?: string }, io: CommandIo): Promise<FetchOptions> {
  return {
    ca: caFile === undefined ? undefined : await readAuthorities(caFile, io),
    timeoutMs: documentTimeoutMs,
    signal: new AbortController().signal,
  };
}

async function readAuthorities(path: string, { stdin }: CommandIo): Promise<string> {
  const { text, source } = await readOneFile(path, { stdin, recursive: false });
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new CommandFailure(`${source}: expected certificates in PEM, found none`);
}
