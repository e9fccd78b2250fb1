import { KubernetesError } from '../../kubernetes/kubernetes-error.ts';
import { errorText } from '../../util/error-text.ts';
import { CommandFailure } from './command-failure.ts';

/** What a person reads who called a command that failed: lines, the first of which begins with `error:`. */
export function describeFailure(error: unknown): string {
  if (error instanceof CommandFailure) return [`error: ${error.message}`, ...error.more, ''].join('\n');
  if (error instanceof KubernetesError)
    return `error: the cluster could not be asked: ${error.message} (${error.code})\n`;
  return `error: ${errorText(error)}\n`;
}
