import { explainPod, type ExplainInput } from '../../src/explanation/explain-pod.ts';
import type { UnseenSources } from '../../src/explanation/explain-sources.ts';
import type { Explanation } from '../../src/explanation/explanation.ts';
import type { IdentityDefaults } from '../../src/identity/defaults.ts';
import type { IdentityAnswer } from '../../src/identity/identity.ts';
import { emptyMapping, parseMapping } from '../../src/identity/mapping.ts';
import { resolveIdentity, type IdentityInputs } from '../../src/identity/resolve.ts';
import { parseServiceAccountAnnotations } from '../../src/identity/service-account-annotations.ts';
import { settingsOf } from '../support/golden-cases.ts';

export const role = 'arn:aws:iam::111122223333:role/web';
export const roleAnnotation = 'eks.amazonaws.com/role-arn';

export interface Given {
  /** Over a pod `web` with one container `app`. */
  readonly metadata?: object;
  readonly spec?: object;
  /** Over the account's role; undefined: there is no such account. */
  readonly annotations?: { readonly [name: string]: string } | undefined;
  readonly mapping?: object;
  readonly associated?: boolean;
  readonly flags?: readonly string[];
  readonly unseen?: UnseenSources;
  /** Over the identity that account and flags give. */
  readonly answer?: IdentityAnswer;
  readonly input?: Partial<ExplainInput>;
}

/** What the decision about ServiceAccount `golden/app` of a golden case, or `shop/web`, rests on. */
export function inputsFor(
  account: { readonly namespace: string; readonly name: string },
  { annotations, mapping, associated }: Pick<Given, 'annotations' | 'mapping' | 'associated'>,
  flags: readonly string[],
): IdentityInputs {
  const { identity, composeRoleArn } = settingsOf(flags);
  const { enabled, accountId = '', partition = '' } = composeRoleArn;
  const defaults: IdentityDefaults = enabled ? { ...identity, composeRoleArn: { accountId, partition } } : identity;
  const parsed = mapping === undefined ? undefined : parseMapping(JSON.stringify(mapping), defaults.composeRoleArn);
  return {
    account,
    serviceAccount: parseServiceAccountAnnotations(annotations, defaults),
    serviceAccountExists: annotations !== undefined,
    mapping: parsed?.kind === 'mapping' ? parsed.mapping : emptyMapping,
    associated: associated ?? false,
    defaults,
  };
}

/** Explains a pod `shop/web` of the ServiceAccount `shop/web`, which has a role, but for what a test says. */
export function explain(given: Given = {}): Explanation {
  const { metadata, spec, flags = [], unseen = {}, input } = given;
  const associationsKnown = unseen.association === undefined;
  const annotations = 'annotations' in given ? given.annotations : { [roleAnnotation]: role };
  const inputs = inputsFor({ namespace: 'shop', name: 'web' }, { ...given, annotations }, flags);
  return explainPod({
    subject: { kind: 'Pod', namespace: 'shop', name: 'web' },
    pod: {
      metadata: { name: 'web', ...metadata },
      spec: { serviceAccountName: 'web', containers: [{ name: 'app' }], ...spec },
    },
    account: { inputs, answer: given.answer ?? resolveIdentity(inputs), annotations, unseen, associationsKnown },
    settings: settingsOf(flags).injection,
    origins: new Map(),
    ...input,
  });
}
