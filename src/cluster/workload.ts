import { readEnvironment, type Environment } from '../configuration/environment.ts';
import { readFlags, type WrittenText } from '../configuration/flags.ts';
import { serveRows, serveRowsByName } from '../configuration/serve-settings.ts';
import { hasLabels, labelsOf, nameOf, namespaceOf, podTemplateOf } from '../kubernetes/objects.ts';
import { namespacedPath, objectPath } from '../kubernetes/paths.ts';
import { objectAt, objectsAt, ownList, ownObject, ownString, type JsonObject } from '../util/json.ts';
import { listObjects, readOrUndefined, type ClusterReader } from './reader.ts';
import type { ServiceReference } from './registration.ts';

/** What runs behind the Service that the API server calls. */
export interface WebhookWorkload {
  readonly kind: 'Deployment' | 'Pod';
  readonly namespace: string;
  readonly name: string;
  readonly object: JsonObject;
  /** By which the Service finds its pods; not empty. */
  readonly selector: JsonObject;
  /** Spec of the pods. */
  readonly podSpec: JsonObject;
  /** The container that answers the API server. */
  readonly container: JsonObject;
}

/**
 * Finds the Deployment whose pods the Service selects, else one of the pods, since a DaemonSet may have made them; undefined
 * where there is none. Rejects with KubernetesError.
 */
export async function findWorkload(
  cluster: ClusterReader,
  { namespace, name, port }: ServiceReference,
): Promise<WebhookWorkload | undefined> {
  const service = await readOrUndefined(cluster, objectPath(namespacedPath('services', namespace), name));
  const selector = objectAt(service, 'spec', 'selector') ?? {};
  if (service === undefined || Object.keys(selector).length === 0) return undefined;
  const target = targetPort(service, port);
  const deployments = await listObjects(cluster, namespacedPath('deployments', namespace, 'apps/v1'));
  const deployment = deployments.find(object => hasLabels(selector, labelsOf(podTemplateOf(object))));
  if (deployment !== undefined) {
    return describe({ kind: 'Deployment', object: deployment, selector }, podTemplateOf(deployment), target);
  }
  const [pod] = await listPods(cluster, namespace, selector);
  return pod === undefined ? undefined : describe({ kind: 'Pod', object: pod, selector }, pod, target);
}

/** The pods of a namespace that have these labels. Rejects with KubernetesError. */
export async function listPods(
  cluster: ClusterReader,
  namespace: string,
  labels: JsonObject,
): Promise<readonly JsonObject[]> {
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
  return listObjects(cluster, namespacedPath('pods', namespace), { labelSelector });
}

/** Number or name of the containers' port behind this port of the Service. */
function targetPort(service: JsonObject, port: number): unknown {
  const ports = objectsAt(service, 'spec', 'ports');
  return ports.find(entry => entry['port'] === port)?.['targetPort'] ?? port;
}

function describe(
  found: Pick<WebhookWorkload, 'kind' | 'object' | 'selector'>,
  template: JsonObject,
  target: unknown,
): WebhookWorkload | undefined {
  const podSpec = ownObject(template, 'spec') ?? {};
  const containers = objectsAt(podSpec, 'containers');
  // A sidecar of a service mesh may come first; a container need not name its ports.
  const container = containers.find(entry => hasPort(entry, target)) ?? containers[0];
  if (container === undefined) return undefined;
  return { ...found, namespace: namespaceOf(found.object), name: nameOf(found.object), podSpec, container };
}

function hasPort(container: JsonObject, target: unknown): boolean {
  return objectsAt(container, 'ports').some(
    port => port['containerPort'] === target || ownString(port, 'name') === target,
  );
}

/** What a container of the webhook is started with. */
export interface ContainerSettings {
  /** By the setting's name. */
  readonly texts: ReadonlyMap<string, WrittenText>;
  /** What of it cannot be known from the manifest, a line each. */
  readonly notes: readonly string[];
}

/**
 * Reads the flags and the variables `IRSA_*` of a container as `irsa serve` does; words that are no flags, such as the program
 * itself, are passed over. `origin` names the container in messages, as in `Deployment irsa-system/irsa-webhook`.
 */
export function readContainerSettings(container: JsonObject, namespace: string, origin: string): ContainerSettings {
  const variables = readVariables(container, namespace);
  const written = [...ownList(container, 'command'), ...ownList(container, 'args')].filter(isString);
  const expanded = written.map(argument => expand(argument, variables));
  const flags = readFlags(expanded, serveRowsByName);
  const environment = readEnvironment(variables, serveRows);
  const texts = new Map<string, WrittenText>();
  const notes = unreadableVariables(container, origin);
  for (const [name, { text, label }] of [...environment.texts, ...flags.texts]) {
    if (reference.test(text)) notes.push(`${origin}: ${label} has a value that the manifest does not hold`);
    else texts.set(name, { text, label: `${label} of ${origin}` });
  }
  return { texts, notes };
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

/** Values that the manifest holds: literal ones, and the namespace of the pod. */
function readVariables(container: JsonObject, namespace: string): Environment {
  const variables = new Map<string, string>();
  for (const entry of objectsAt(container, 'env')) {
    const name = ownString(entry, 'name');
    const value = ownString(entry, 'value') ?? (isNamespace(entry) ? namespace : undefined);
    if (name !== undefined && value !== undefined) variables.set(name, value);
  }
  return Object.fromEntries(variables);
}

function isNamespace(entry: JsonObject): boolean {
  const field = objectAt(entry, 'valueFrom', 'fieldRef');
  return field !== undefined && ownString(field, 'fieldPath') === 'metadata.namespace';
}

/** `$(NAME)`, which the kubelet replaces by the container's variable. */
const reference = /\$\([A-Za-z0-9_.-]+\)/;

/**
 * What is not known stays, and so does `$$(NAME)`, which escapes a reference.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interactive-environment-variable-container/
 */
function expand(argument: string, variables: Environment): string {
  return argument.replaceAll(/\$?\$\(([A-Za-z0-9_.-]+)\)/g, (written: string, name: string) => {
    if (written.startsWith('$$') || !Object.hasOwn(variables, name)) return written;
    return variables[name] ?? written;
  });
}

/** Settings may come from where only the kubelet reads. */
function unreadableVariables(container: JsonObject, origin: string): string[] {
  const notes: string[] = [];
  if (ownList(container, 'envFrom').length > 0) {
    notes.push(`${origin}: envFrom may set variables IRSA_* that are not seen here`);
  }
  for (const entry of objectsAt(container, 'env')) {
    const name = ownString(entry, 'name') ?? '';
    if (name.startsWith('IRSA_') && ownObject(entry, 'valueFrom') !== undefined && !isNamespace(entry)) {
      notes.push(`${origin}: ${name} has a value that the manifest does not hold`);
    }
  }
  return notes;
}
