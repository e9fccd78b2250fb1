import type { Identity } from '../identity/identity.ts';
import type { Notice } from '../identity/notice.ts';
import { ownField } from '../util/json.ts';
import type { Pod } from './pod.ts';
import { quote } from '../util/text.ts';

/** Hard-coded in the AWS webhook too, whatever the annotation prefix (E66). */
export const podIdentityLabel = 'eks.amazonaws.com/pod-identity';
export const podIdentityLabelValue = 'enabled';

/** Whether the label that marks pods with container credentials is to be added. */
export interface PodLabelPlan {
  readonly kind: 'add' | 'keep';
  readonly notices: readonly Notice[];
}

/** Plans the label. A value of the user's own stays: nothing that is there is ever changed (decision 1). */
export function planPodLabel(pod: Pod, identity: Identity): PodLabelPlan {
  if (identity.method !== 'container_credentials') return { kind: 'keep', notices: [] };
  if (pod.labels === 'malformed') return { kind: 'keep', notices: [] };
  const value = pod.labels === undefined ? undefined : ownField(pod.labels, podIdentityLabel);
  if (value === undefined) return { kind: 'add', notices: [] };
  if (value === podIdentityLabelValue) return { kind: 'keep', notices: [] };
  const found = typeof value === 'string' ? quote(value) : typeof value;
  const detail = `pod label ${podIdentityLabel} is ${found}, not "${podIdentityLabelValue}": left as it is`;
  return { kind: 'keep', notices: [{ code: 'pod_label_kept', detail }] };
}
