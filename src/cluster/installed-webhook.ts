import type { WrittenText } from '../configuration/flags.ts';
import { readFrom, resolveSettings } from '../configuration/resolved-settings.ts';
import { serveRows, toServeSettings, type ServeSettings } from '../configuration/serve-settings.ts';
import { mutatingWebhookConfigurationsPath } from '../kubernetes/paths.ts';
import { textAt, type JsonObject } from '../util/json.ts';
import { ifAllowed, listObjects, type ClusterReader } from './reader.ts';
import { findWorkload, readContainerSettings, type ContainerSettings, type WebhookWorkload } from './workload.ts';
import { recogniseHook, type RecognisedHook, type WebhookKind } from './registration.ts';

/** The webhook of a cluster and the settings it decides with. */
export interface InstalledWebhook {
  /** Ours also when our image runs in the AWS webhook's manifests. */
  readonly kind: WebhookKind;
  readonly hook: RecognisedHook;
  /** What answers the API server; undefined where it cannot be seen. */
  readonly workload: WebhookWorkload | undefined;
  /** Texts of its settings by their names, for `decisionContext()`. */
  readonly flags: ReadonlyMap<string, WrittenText>;
  /** Where its mapping ConfigMap is; undefined where it reads none. */
  readonly mapping: { readonly namespace: string; readonly name: string } | undefined;
  /** Path in its container of the file of Pod Identity associations; undefined where it reads none. */
  readonly associationsFile: string | undefined;
  /** All of its settings, by flags and defaults. */
  readonly settings: ServeSettings;
  /** What of its settings is not known, a line each, for standard error. */
  readonly notes: readonly string[];
}

/** The webhook of a cluster, as far as who asks may see it. Each note is a line about settings that are not known. */
export type WebhookView =
  | { readonly kind: 'installed'; readonly webhook: InstalledWebhook; readonly notes: readonly string[] }
  | { readonly kind: 'not_installed'; readonly webhook: undefined; readonly notes: readonly string[] }
  | {
      readonly kind: 'unknown';
      readonly webhook: undefined;
      /** Why it is not known. */
      readonly detail: string;
      readonly notes: readonly string[];
    };

const usualSettings = 'settings are those of the flags and their defaults';

/**
 * Looks for the webhook that gives the pods of this cluster their identity: the MutatingWebhookConfiguration, the Service it
 * names, and the Deployment or pods behind that. Of several ours comes first, then the AWS webhook, then a managed one.
 * Rejects with KubernetesError, but not where a right is missing: who owns pods or applies manifests often may not read what
 * is registered for the whole cluster.
 */
export async function lookForWebhook(cluster: ClusterReader): Promise<WebhookView> {
  const listed = await ifAllowed(() => listObjects(cluster, mutatingWebhookConfigurationsPath));
  if ('refusal' in listed) {
    const detail = `whether a webhook is installed may not be seen: ${listed.refusal}`;
    return { kind: 'unknown', webhook: undefined, detail, notes: [`${detail}; ${usualSettings}`] };
  }
  const [hook] = findHooks(listed.value);
  if (hook === undefined) {
    const notes = [`the cluster has no webhook for AWS identities: ${usualSettings}`];
    return { kind: 'not_installed', webhook: undefined, notes };
  }
  const webhook = await readInstalledWebhook(cluster, hook);
  return { kind: 'installed', webhook, notes: webhook.notes };
}

const order: readonly WebhookKind[] = ['ours', 'aws', 'managed'];

/** Returns those of the MutatingWebhookConfigurations that register a webhook of this kind, best first. */
export function findHooks(configurations: readonly JsonObject[]): readonly RecognisedHook[] {
  const hooks = configurations.flatMap(configuration => recogniseHook(configuration) ?? []);
  return hooks.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

/** What runs behind this configuration, and its settings. Rejects with KubernetesError, but not where rights are missing. */
export async function readInstalledWebhook(cluster: ClusterReader, hook: RecognisedHook): Promise<InstalledWebhook> {
  const found = await findVisibleWorkload(cluster, hook);
  if (typeof found === 'string') return describe(hook, undefined, { texts: new Map(), notes: [found] });
  const { kind, namespace, name, container } = found;
  return describe(hook, found, readContainerSettings(container, namespace, `${kind} ${namespace}/${name}`));
}

/** The workload, or a line that says why there is none. */
async function findVisibleWorkload(cluster: ClusterReader, hook: RecognisedHook): Promise<WebhookWorkload | string> {
  const { configuration, service } = hook;
  const unknown = `the settings of the webhook of ${configuration} are not known, defaults are used`;
  if (service === undefined) return `${unknown}: it runs outside the cluster's sight`;
  const target = `${service.namespace}/${service.name}`;
  const found = await ifAllowed(() => findWorkload(cluster, service));
  if ('refusal' in found) return `${unknown}: what is behind Service ${target} may not be read`;
  return found.value ?? `${unknown}: Service ${target} has no Deployment and no pods behind it`;
}

function describe(
  hook: RecognisedHook,
  workload: WebhookWorkload | undefined,
  { texts, notes }: ContainerSettings,
): InstalledWebhook {
  const kind = hook.kind === 'aws' && runsOurs(workload) ? 'ours' : hook.kind;
  const flags = kind === 'ours' ? texts : new Map([...fixedByAws, ...texts]);
  const settings = settingsOf(flags);
  const { mapping, associationsFile } = settings.sources;
  return { kind, hook, workload, flags, mapping, associationsFile, settings, notes };
}

/** What these texts say, the rest by default. */
export function settingsOf(flags: ReadonlyMap<string, WrittenText>): ServeSettings {
  return toServeSettings(readFrom(resolveSettings(serveRows, flags, new Map())));
}

/** The AWS webhook has no setting for this, and leaves containers alone that have one of the two variables. */
const fixedByAws: readonly (readonly [string, WrittenText])[] = [
  ['partial-identity-env', { text: 'keep', label: 'the AWS webhook' }],
];

/** Ours takes the AWS webhook's place by its image alone. */
function runsOurs(workload: WebhookWorkload | undefined): boolean {
  const image = textAt(workload?.container, 'image') ?? '';
  return /(?:^|\/)irsa-webhook(?:[:@]|$)/.test(image);
}
