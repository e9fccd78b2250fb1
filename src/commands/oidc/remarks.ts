import { OidcError, remarkWithHint, type Remark, type OidcErrorCode } from '../../oidc/remark.ts';
import type { FetchOptions } from '../../oidc/fetch-document.ts';
import type { Style } from '../../terminal/style.ts';
import { exitCodes, type CommandIo } from '../command-io.ts';
import { CommandFailure } from '../common/command-failure.ts';
import { readOneFile } from '../common/read-input.ts';

/** What was given on the command line, and not in a file or by a server. */
const usageCodes: ReadonlySet<OidcErrorCode> = new Set(['invalid_url', 'invalid_provider']);

/** Runs a command's action; what the issuer's side finds wrong becomes one line for the user. */
export async function withRemarks(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof OidcError)) throw error;
    const exitCode = usageCodes.has(error.code) ? exitCodes.usage : exitCodes.failed;
    throw new CommandFailure(remarkWithHint(error), { exitCode, cause: error });
  }
}

const colours = { ok: 'green', warning: 'yellow', error: 'red' } as const;

/** One line for each finding: how grave it is, its code and its text. */
export function findingLines(findings: readonly Remark<string>[], style: Style): string {
  return findings
    .map(finding => {
      const severity = style(colours[finding.severity], finding.severity.padEnd('warning'.length));
      const code = finding.severity === 'ok' ? '' : ` [${finding.code}]`;
      return `${severity}  ${remarkWithHint(finding)}${code}\n`;
    })
    .join('');
}

/** A finding in a JSON result. */
export function findingDocument(finding: Remark<string>): {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
} {
  return { code: finding.code, severity: finding.severity, message: remarkWithHint(finding) };
}

/** For one document. A person waits no longer, and a sound server needs a tenth of it. */
const documentTimeoutMs = 10_000;

/** How to fetch the issuer's documents. Rejects with CommandFailure when `--ca-file` is no file of certificates. */
export async function fetchOptions({ caFile }: { caFile?: string }, io: CommandIo): Promise<FetchOptions> {
  return {
    ca: caFile === undefined ? undefined : await readAuthorities(caFile, io),
    timeoutMs: documentTimeoutMs,
    signal: new AbortController().signal,
    environment: io.environment,
  };
}

async function readAuthorities(path: string, { stdin }: CommandIo): Promise<string> {
  const { text, source } = await readOneFile(path, { stdin, recursive: false });
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new CommandFailure(`${source}: expected certificates in PEM, found none`);
}
