import type { IdentityDefaults } from '../../identity/defaults.ts';
import { emptyMapping } from '../../identity/mapping.ts';
import { readOrUndefined, type ClusterReader } from '../../cluster/reader.ts';
import { findInstalledWebhook, type InstalledWebhook } from '../../cluster/installed-webhook.ts';
import { hasCode, KubernetesError } from '../../kubernetes/kubernetes-error.ts';
import { mutatingWebhookConfigurationsPath, objectPath } from '../../kubernetes/paths.ts';
import { readMapping, type ReadMapping } from '../../cluster/read-accounts.ts';
import type { JsonObject } from '../../util/type-guards.ts';

/** The webhook of a cluster; `unknown` where who asks may not see it. */
export type InstallationView =
  | { readonly kind: 'installed'; readonly installed: InstalledWebhook; readonly configuration: JsonObject }
  | { readonly kind: 'not_installed' }
  | { readonly kind: 'unknown'; readonly detail: string };

/** Finds the webhook. Rejects with KubernetesError, but not where a right is missing: people who own pods often have few. */
export async function readInstallation(reader: ClusterReader): Promise<InstallationView> {
  try {
    const installed = await findInstalledWebhook(reader);
    if (installed === undefined) return { kind: 'not_installed' };
    const path = objectPath(mutatingWebhookConfigurationsPath, installed.hook.configuration);
    const configuration = await readOrUndefined(reader, path);
    // It may have been deleted in between.
    return configuration === undefined ? { kind: 'not_installed' } : { kind: 'installed', installed, configuration };
  } catch (error) {
    return { kind: 'unknown', detail: denied('whether a webhook is installed may not be seen', error) };
  }
}

/** What a missing right hides. Throws every other error. */
function denied(what: string, error: unknown): string {
  if (error instanceof KubernetesError && hasCode(error, 'forbidden')) return `${what}: ${error.message}`;
  throw error;
}

export interface MappingView extends ReadMapping {
  /** Why it cannot be seen. */
  readonly unseen?: string;
}

/** Reads the mapping ConfigMap of the webhook. Rejects as `readInstallation()`. */
export async function readMappingView(
  reader: ClusterReader,
  view: InstallationView,
  defaults: IdentityDefaults,
): Promise<MappingView> {
  const none = { mapping: emptyMapping, problems: [], configMap: undefined };
  if (view.kind === 'unknown') return { ...none, unseen: 'where the webhook has its mapping may not be seen' };
  if (view.kind === 'not_installed' || view.installed.mapping === undefined) return none;
  const { mapping } = view.installed;
  try {
    return await readMapping({ ...reader, defaults, mapping });
  } catch (error) {
    return { ...none, unseen: denied(`ConfigMap ${mapping.namespace}/${mapping.name} may not be read`, error) };
  }
}
