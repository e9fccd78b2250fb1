import { Audit } from '../../audit/audit.ts';
import { reducePod } from '../../audit/reduced-pod.ts';
import type { AuditReport } from '../../audit/report.ts';
import type { Suppression } from '../../audit/suppression.ts';
import type { ServiceAccountReference } from '../../admission/identity-source.ts';
import type { InjectionSettings } from '../../injection/settings.ts';
import { isKind, labelsOf, matchesLabels, metadataOf, nameOf, namespaceOf } from '../../kubernetes/objects.ts';
import type { ManifestObject } from '../../manifests/parse-manifests.ts';
import { createProgress } from '../../terminal/progress.ts';
import { isObject, ownString, type JsonObject } from '../../util/json.ts';
import { CommandFailure } from '../common/command-failure.ts';
import { decisionContext } from '../common/decision-context.ts';
import type { CommandContext } from '../common/define-command.ts';
import { defaultConfigMapName, readOfflineAccounts } from '../common/offline-accounts.ts';
import type { AuditCommandOptions } from './audit-options.ts';
import { parseLabelSelector } from './label-selector.ts';
import { readDump } from './read-dump.ts';

/** Audits the pods of a dump. Rejects with CommandFailure or ManifestProblem. */
export async function auditDump(
  options: AuditCommandOptions,
  suppressions: readonly Suppression[],
  { io, settingFlags }: CommandContext,
): Promise<AuditReport> {
  const { filename: paths = [], mapping, associations, namespace, selector } = options;
  const { defaults, injection } = await decisionContext(settingFlags, io.environment);
  const dump = await takeDump(options, injection, io);
  const accounts = await readOfflineAccounts(dump.manifests, {
    files: { mapping, associations },
    reading: { stdin: io.stdin, recursive: false },
    defaults,
    namespace: 'default',
    configMapName: defaultConfigMapName,
  });
  for (const problem of accounts.problems) io.stderr.write(`warning: ${problem}\n`);
  const names = dump.manifests.flatMap(({ object }) => accountName(object));
  const audit = new Audit({
    accounts: { ...accounts, names: () => names },
    associationsKnown: associations !== undefined,
    defaults,
    injection,
    source: { kind: 'files', paths },
    scope: { namespace: namespace ?? null, selector },
    suppressions,
  });
  const unknown = addPods(audit, dump.pods, new Set(names.map(account => account.namespace)));
  if (unknown.length > 0) {
    io.stderr.write(
      `warning: pods are not judged whose ServiceAccounts are not in the input: namespaces ${unknown.join(', ')}\n`,
    );
  }
  return audit.finish(new Date().toISOString());
}

interface Dump {
  /** Reduced, in JSON: a text takes a fifth of the memory that its objects take. */
  readonly pods: readonly string[];
  /** ServiceAccounts and the mapping ConfigMap. */
  readonly manifests: readonly ManifestObject[];
}

/** kubectl prints pods before ServiceAccounts, so pods wait, reduced to what is compared. */
async function takeDump(
  { filename = [], namespace, selector }: AuditCommandOptions,
  injection: InjectionSettings,
  io: CommandContext['io'],
): Promise<Dump> {
  const labels = parseLabelSelector(selector);
  const pods: string[] = [];
  const manifests: ManifestObject[] = [];
  let seen = 0;
  using progress = createProgress({ stream: io.stderr, now: () => performance.now() });
  for await (const manifest of readDump(filename, io.stdin)) {
    const { object } = manifest;
    if (isKind(object, 'Pod')) {
      seen += 1;
      if (isWanted(object, namespace, labels)) pods.push(JSON.stringify(reducePod(object, injection)));
      progress.update(`pods ${seen}`);
    } else if (isKind(object, 'ServiceAccount') || isMapping(object)) {
      manifests.push(manifest);
    }
  }
  if (seen > 0) return { pods, manifests };
  throw new CommandFailure(
    `${filename.join(', ')}: expected running pods, found none: use kubectl get pods,serviceaccounts,configmaps -A -o json`,
  );
}

function isMapping(object: JsonObject): boolean {
  return isKind(object, 'ConfigMap') && nameOf(object) === defaultConfigMapName;
}

function isWanted(pod: JsonObject, namespace: string | undefined, labels: JsonObject): boolean {
  const isInNamespace = namespace === undefined || namespaceOf(pod, 'default') === namespace;
  return isInNamespace && matchesLabels(labels, labelsOf(pod));
}

function accountName(object: JsonObject): readonly ServiceAccountReference[] {
  const name = ownString(metadataOf(object), 'name');
  return isKind(object, 'ServiceAccount') && name !== undefined
    ? [{ namespace: namespaceOf(object, 'default'), name }]
    : [];
}

/**
 * Hands the pods in. An account that is missing in a namespace of which others are there does not exist; where there are none
 * at all, the dump has left them out, and the namespace is given.
 */
function addPods(audit: Audit, pods: readonly string[], known: ReadonlySet<string>): readonly string[] {
  const unknown = new Set<string>();
  for (const text of pods) {
    const pod: unknown = JSON.parse(text);
    if (!isObject(pod)) continue;
    const account = audit.addPod(pod);
    if (account === undefined) continue;
    if (known.has(account.namespace)) audit.addPod(pod, { accountsAreComplete: true });
    else {
      unknown.add(account.namespace);
      audit.addNotJudged();
    }
  }
  return [...unknown].sort();
}
