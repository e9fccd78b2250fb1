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
export async function describeFailure(error: unknown): Promise<string> {
  if (error instanceof CommandFailure) return [`error: ${error.message}`, ...error.more, ''].join('\n');
  if (error instanceof KubernetesError) return `error: ${await describeKubernetesError(error)}\n`;
  return `error: ${errorText(error)}\n`;
}

/** One line: a YAML reader's message, for example, goes on with the line that it found. */
async function describeKubernetesError({ code, message }: KubernetesError): Promise<string> {
  const [line = ''] = message.split('\n', 1);
  if (code === 'no_credentials') return line;
  if (code === 'forbidden') {
    // Loaded when needed: a command that succeeds does not use it.
    const { isMissingRight, neededRight } = await import('../../cluster/reader.ts');
    if (isMissingRight(message)) return `a right is missing: ${neededRight(message)} (${code})`;
  }
  return `the cluster could not be asked: ${line} (${code})`;
}
