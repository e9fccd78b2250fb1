import { quote } from '../../identity/quote.ts';
import { OidcError, type OidcErrorCode, type Remark } from '../../oidc/finding.ts';
import { exitCodes } from '../command-io.ts';
import { CommandFailure } from '../common/command-failure.ts';

/** A remark on one line, what others wrote in quotes. */
export function remarkText({ text, found, hint }: Remark): string {
  const whole = found === undefined ? text : `${text}, found ${found === '' ? 'none' : quote(found)}`;
  return hint === undefined ? whole : `${whole}. ${hint}`;
}

/** What was given on the command line, and not in a file or by a server. */
const usageCodes: ReadonlySet<OidcErrorCode> = new Set(['invalid_url', 'invalid_provider']);

/** Runs a command's action; what the issuer's side finds wrong becomes one line for the user. */
export async function withRemarks(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof OidcError)) throw error;
    const exitCode = usageCodes.has(error.code) ? exitCodes.usage : exitCodes.failed;
    throw new CommandFailure(remarkText(error), { exitCode, cause: error });
  }
}
