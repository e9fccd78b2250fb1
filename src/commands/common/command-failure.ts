import { exitCodes, type ExitCode } from '../command-io.ts';

/** Ends a command with one line for its user: what was expected, what was found and where. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: ExitCode;
  /** Further lines, each without its end, for example one for every malformed document. */
  readonly more: readonly string[];

  constructor(
    message: string,
    {
      exitCode = exitCodes.failed,
      more = [],
      cause,
    }: { exitCode?: ExitCode; more?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
    this.more = more;
  }
}

/** The failure of a command that was called in a way that cannot be meant. */
export function usageFailure(message: string, more: readonly string[] = []): CommandFailure {
  return new CommandFailure(message, { exitCode: exitCodes.usage, more });
}
