import { Audit } from '../../audit/audit.ts';
import { reducePod } from '../../comparison/reduced-pod.ts';
import { controllerOf, ownerOf } from '../../audit/owner.ts';
import { accountOfPod } from '../../comparison/running-pod.ts';
import type { AuditReport } from '../../audit/report.ts';
import type { Suppression } from '../../audit/finding-groups.ts';
import type { ServiceAccountReference } from '../../admission/identity-source.ts';
import type { InjectionSettings } from '../../injection/settings.ts';
import {
  isKind,
  labelsOf,
  matchesLabels,
  metadataOf,
  nameOf,
  namespaceOf,
  podTemplateOf,
} from '../../kubernetes/objects.ts';
import type { ManifestObject } from '../../manifests/parse-manifests.ts';
import { createProgress } from '../../terminal/progress.ts';
import { isObject, objectAt, ownString, parseJson, type JsonObject } from '../../util/json.ts';
import { quote } from '../../util/text.ts';
import { CommandFailure, usageFailure } from '../common/command-failure.ts';
import { decisionContext } from '../common/decision-context.ts';
import type { CommandContext } from '../common/define-command.ts';
import { defaultConfigMapName, readOfflineAccounts } from '../common/offline-accounts.ts';
import type { AuditCommandOptions } from './audit-options.ts';
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
    injection,
    source: { kind: 'files', paths },
    scope: { namespace: namespace ?? null, selector },
    suppressions,
  });
  const unknown = addPods(audit, dump, new Set(names.map(account => account.namespace)));
  if (audit.pods > 0 && audit.podsNotJudged === audit.pods) throw nothingKnown(paths, unknown);
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
  /** Pod templates, reduced, in JSON, by kind, namespace and name of what has them. */
  readonly templates: ReadonlyMap<string, string>;
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
  const templates = new Map<string, string>();
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
    } else if (objectAt(object, 'spec', 'template') !== undefined) {
      const key = keyOf(ownString(object, 'kind') ?? '', namespaceOf(object, 'default'), nameOf(object));
      templates.set(key, JSON.stringify(reducePod(podTemplateOf(object), injection)));
    }
  }
  if (namespace !== undefined && pods.length === 0 && !manifests.some(isOf(namespace))) {
    throw new CommandFailure(`${filename.join(', ')}: namespace ${namespace} is not in the input`);
  }
  if (seen > 0) return { pods, manifests, templates };
  throw new CommandFailure(
    `${filename.join(', ')}: expected running pods, found none: use kubectl get pods,serviceaccounts,configmaps -A -o json`,
  );
}

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}

function isOf(namespace: string): (manifest: ManifestObject) => boolean {
  return ({ object }) => namespaceOf(object, 'default') === namespace;
}

/** A report that judges no pod must not look like one that finds nothing. */
function nothingKnown(paths: readonly string[], namespaces: readonly string[]): CommandFailure {
  return new CommandFailure(
    `${paths.join(', ')}: the ServiceAccounts of the pods are not in the input (namespaces ${namespaces.join(', ')}): use kubectl get pods,serviceaccounts,configmaps -A -o json`,
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
function addPods(audit: Audit, { pods, templates }: Dump, known: ReadonlySet<string>): readonly string[] {
  const unknown = new Set<string>();
  for (const text of pods) {
    const pod = parseJson(text);
    if (!isObject(pod)) continue;
    const { namespace } = accountOfPod(pod);
    const wanted = audit.addPod(pod, { accountsAreComplete: known.has(namespace) });
    if (wanted?.kind === 'account') {
      unknown.add(namespace);
      audit.addNotJudged();
    } else if (wanted?.kind === 'template') {
      audit.addPod(pod, { accountsAreComplete: true, template: templateOf(pod, namespace, templates) });
    }
  }
  return [...unknown].sort();
}

/** A ReplicaSet has the template of its Deployment. */
function templateOf(pod: JsonObject, namespace: string, templates: Dump['templates']): JsonObject | null {
  const owners = [controllerOf(pod), ownerOf(pod, namespace)].filter(owner => owner !== undefined);
  const text = owners.map(({ kind, name }) => templates.get(keyOf(kind, namespace, name))).find(found => found);
  const template = text === undefined ? undefined : parseJson(text);
  return isObject(template) ? template : null;
}

const requirement =
  /\s*(?:(?<absent>!\s*)?(?<key>[A-Za-z0-9][\w./-]*)\s*(?:(?<operator>==|=|!=)\s*(?<value>[\w.-]*)|(?<set>in|notin)\s*\((?<values>[^()]*)\))?)\s*(?:,|$)/y;

/**
 * Reads a label selector as kubectl takes it, such as `app=web,tier!=test,env in (a, b),!canary`, into the form that objects
 * of the API hold. Throws CommandFailure.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function parseLabelSelector(text: string): JsonObject {
  const expressions: JsonObject[] = [];
  const next = new RegExp(requirement);
  while (next.lastIndex < text.length) {
    // A comma announces another requirement.
    const groups = text.trimEnd().endsWith(',') ? undefined : next.exec(text)?.groups;
    if (groups === undefined)
      throw usageFailure(`--selector: expected labels such as 'app=web,tier!=test', found ${quote(text)}`);
    expressions.push(toExpression(groups));
  }
  return { matchExpressions: expressions };
}

function toExpression(groups: { readonly [name: string]: string | undefined }): JsonObject {
  const { absent, key = '', operator, value = '', set, values = '' } = groups;
  if (absent !== undefined) return { key, operator: 'DoesNotExist' };
  if (set !== undefined) {
    return { key, operator: set === 'in' ? 'In' : 'NotIn', values: values.split(',').map(entry => entry.trim()) };
  }
  if (operator === undefined) return { key, operator: 'Exists' };
  return { key, operator: operator === '!=' ? 'NotIn' : 'In', values: [value] };
}
