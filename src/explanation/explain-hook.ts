import type { JsonObject } from '../util/json.ts';
import type { ExplainedHook, ExplainedHookEntry } from './explanation.ts';

/** What is known of the webhook that a cluster has. */
export type HookFacts =
  | { readonly kind: 'not_installed' }
  /** `detail`: why it is not known. */
  | { readonly kind: 'unknown'; readonly detail: string }
  | {
      readonly kind: 'installed';
      /** Name of the MutatingWebhookConfiguration. */
      readonly name: string;
      readonly configuration: JsonObject;
      /** Those about the creation of pods. */
      readonly entries: readonly ExplainedHookEntry[];
      readonly notes: readonly string[];
    };

/** Whether the API server asks the webhook about the creation of a pod. */
export function explainHook(facts: HookFacts): ExplainedHook {
  if (facts.kind === 'not_installed') {
    const detail = 'no pod identity webhook is registered in this cluster';
    return { code: 'not_installed', detail, entries: [], notes: [] };
  }
  if (facts.kind === 'unknown') return { code: 'unknown', detail: facts.detail, entries: [], notes: [] };
  const { entries, notes, name: configuration } = facts;
  const selecting = entries.find(entry => entry.selects);
  if (selecting !== undefined) {
    return { code: 'selected', configuration, detail: `${selecting.name} ${selecting.detail}`, entries, notes };
  }
  const detail =
    entries.length === 0
      ? `${configuration} has no entry about the creation of pods`
      : `${configuration} does not select this pod: the webhook is not asked about it`;
  return { code: 'not_selected', configuration, detail, entries, notes };
}
