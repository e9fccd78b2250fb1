import { KubernetesError } from '../../kubernetes/kubernetes-error.ts';
import { errorText } from '../../util/error-text.ts';
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

/** Returns what a person reads whose command failed: lines, the first of which begins with `error:`. */
export function describeFailure(error: unknown): string {
  if (error instanceof CommandFailure) return [`error: ${error.message}`, ...error.more, ''].join('\n');
  if (error instanceof KubernetesError)
    return `error: the cluster could not be asked: ${error.message} (${error.code})\n`;
  return `error: ${errorText(error)}\n`;
}
