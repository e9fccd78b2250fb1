import { formatDuration, parseGoDuration } from '../../go/duration.ts';
import { isNamespaceName, isServiceAccountName } from '../../kubernetes/objects.ts';
import { requestToken } from '../../kubernetes/token-request.ts';
import { writeResult, type CommandIo } from '../command-io.ts';
import { clusterAccess } from '../common/cluster-command.ts';
import { CommandFailure, usageFailure } from '../common/command-failure.ts';
import { openCluster } from '../../cluster/open-cluster.ts';
import { quote } from '../../util/text.ts';
import type { RequestOptions } from './token-command.ts';

/** What the API server takes, in seconds: 10 minutes to 2^32. */
const minSeconds = 600;
const maxSeconds = 2 ** 32;

/** `irsa token request`: writes the token to standard output, and nowhere else. */
export async function runRequest(account: string, options: RequestOptions, io: CommandIo): Promise<void> {
  const expirationSeconds = readSeconds(options.duration);
  const audiences = options.audience ?? ['sts.amazonaws.com'];
  const { client, namespace: ownNamespace, timeoutMs } = await openCluster(clusterAccess(options), io.environment);
  const named = readAccount(account, ownNamespace);
  const granted = await requestToken(client, named, { audiences, expirationSeconds }, { timeoutMs });
  const { token } = granted;
  if (token === undefined) throw new CommandFailure('TokenRequest: expected a token in the answer, found none');
  warnOfLifetime(granted.expirationSeconds, expirationSeconds, io);
  await writeResult(io.documents, `${token}\n`);
}

function readSeconds(text: string): number {
  const seconds = Math.round((parseGoDuration(text) ?? 0) / 1000);
  if (seconds >= minSeconds && seconds <= maxSeconds) return seconds;
  throw usageFailure(`--duration: expected a duration of at least 10m, such as 1h, found ${quote(text)}`);
}

function readAccount(text: string, ownNamespace: string): { readonly namespace: string; readonly name: string } {
  const parts = text.split('/');
  const [namespace = '', name = ''] = parts.length === 1 ? [ownNamespace, text] : parts;
  if (parts.length <= 2 && isNamespaceName(namespace) && isServiceAccountName(name)) return { namespace, name };
  throw usageFailure(`expected a ServiceAccount as NAMESPACE/NAME, found ${quote(text)}`);
}

/** The API server may have a maximum (`--service-account-max-token-expiration`) and shortens what is longer. */
function warnOfLifetime(granted: number | undefined, asked: number, { stderr }: CommandIo): void {
  if (granted === undefined || granted === asked) return;
  const shown = [granted, asked].map(seconds => formatDuration(seconds * 1000));
  stderr.write(`warning: the API server gave a token for ${shown[0]}, not for ${shown[1]}\n`);
}
