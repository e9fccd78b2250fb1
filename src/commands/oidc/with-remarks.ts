import { OidcError, type OidcErrorCode, remarkWithHint } from '../../oidc/remark.ts';
import { exitCodes } from '../command-io.ts';
import { CommandFailure } from '../common/command-failure.ts';

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
