import fastJsonPatch from 'fast-json-patch';
import { Audit, type AuditOptions } from '../../src/audit/audit.ts';
import type { AuditReport } from '../../src/audit/report.ts';
import { noAssociations } from '../../src/identity/associations.ts';
import type { IdentityDefaults } from '../../src/identity/defaults.ts';
import { accountOfPod, readRunningPod } from '../../src/comparison/running-pod.ts';
import type { Identity, IdentityAnswer } from '../../src/identity/identity.ts';
import { resolveIdentity, type IdentityInputs } from '../../src/identity/resolve.ts';
import { emptyMapping, parseMapping, type RoleMapping } from '../../src/identity/mapping.ts';
import type { InjectionSettings } from '../../src/injection/settings.ts';
import { AccountSnapshot } from '../../src/cluster/accounts.ts';
import type { JsonObject } from '../../src/util/json.ts';
import { defaultsWith } from '../identity/support.ts';
import { planFor, settingsWith, webIdentity } from '../injection/support.ts';

export const role = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;

export type Annotations = { readonly [name: string]: string };

/** Annotations of an account with this role, and more of ours. */
export const withRole = (name: string, more: Annotations = {}): Annotations =>
  Object.fromEntries(
    Object.entries({ 'role-arn': role(name), ...more }).map(([key, value]) => [`eks.amazonaws.com/${key}`, value]),
  );

export interface PodParts {
  readonly name?: string;
  readonly account?: string;
  readonly labels?: Annotations;
  readonly annotations?: Annotations;
  readonly metadata?: object;
  readonly containers?: readonly object[];
  readonly volumes?: readonly object[];
  readonly spec?: object;
  readonly status?: object;
}

/** A pod of namespace `ns` and account `app` as the API server stores it. */
export function pod({
  name = 'web',
  account = 'app',
  labels = {},
  annotations = {},
  ...parts
}: PodParts = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns', labels, annotations, ...parts.metadata },
    spec: {
      serviceAccountName: account,
      containers: parts.containers ?? [{ name: 'app', image: 'app' }],
      ...(parts.volumes === undefined ? {} : { volumes: parts.volumes }),
      ...parts.spec,
    },
    status: parts.status ?? { phase: 'Running' },
  };
}

/** The identity of a role in an account's annotation. */
export const identityOf = (name: string): Identity => ({
  ...webIdentity,
  method: 'web_identity',
  roleArn: { value: role(name), from: 'service_account' },
});

/** The pod as the webhook lets it in with this identity. */
export function injected(
  object: JsonObject,
  identity: Identity = identityOf('app'),
  settings?: InjectionSettings,
): JsonObject {
  const { patch } = planFor(object, identity, settings);
  // Through JSON, since generated pods hold the same list in several places, and a patch must not change all of them.
  const copy: JsonObject = JSON.parse(JSON.stringify(object));
  return fastJsonPatch.applyPatch(copy, structuredClone([...patch]), true, true, true).newDocument;
}

export interface World {
  /** By name; all in namespace `ns`. Default: `app` with the role `app`. */
  readonly accounts?: { readonly [name: string]: Annotations };
  readonly mapping?: object;
  readonly defaults?: Partial<IdentityDefaults>;
  readonly settings?: Partial<InjectionSettings>;
  readonly options?: Partial<Pick<AuditOptions, 'suppressions' | 'scope' | 'associationsKnown'>>;
  /** What the pods were created from; none: not known. */
  readonly template?: JsonObject;
  /** `namespace/name` of accounts with container credentials. */
  readonly associations?: readonly string[];
}

/** The accounts and settings of a world. */
function snapshotOf(world: World): AccountSnapshot {
  const known = new Set(world.associations);
  const accounts = new AccountSnapshot({
    mapping: mappingOf(world.mapping),
    associations:
      world.associations === undefined
        ? noAssociations
        : { size: known.size, has: (namespace, name) => known.has(`${namespace}/${name}`) },
    defaults: defaultsWith(world.defaults),
  });
  for (const [name, annotations] of Object.entries(annotatedOf(world))) {
    accounts.add({ metadata: { name, annotations } }, 'ns');
  }
  return accounts;
}

const annotatedOf = ({ accounts }: World): { readonly [name: string]: Annotations } =>
  accounts ?? { app: withRole('app') };

/** What the webhook knows about a pod of this world. */
export function knowledgeOf(object: JsonObject, world: World): Knowledge {
  const settings = settingsWith(world.settings);
  const account = accountOfPod(object);
  const inputs = snapshotOf(world).inputsOf({ ...account, namespace: 'ns' });
  const isPassedOver = readRunningPod(object, settings) === undefined;
  return { settings, inputs, answer: resolveIdentity(inputs), isPassedOver };
}

interface Knowledge {
  readonly settings: InjectionSettings;
  readonly inputs: IdentityInputs;
  readonly answer: IdentityAnswer;
  readonly isPassedOver: boolean;
}

/** Accounts are complete: one that is not there does not exist. */
export function audit(pods: readonly JsonObject[], world: World = {}): AuditReport {
  const accounts = snapshotOf(world);
  const audited = new Audit({
    accounts: {
      has: account => accounts.has(account),
      inputsOf: account => accounts.inputsOf(account),
      names: () => Object.keys(annotatedOf(world)).map(name => ({ namespace: 'ns', name })),
    },
    associationsKnown: world.associations !== undefined,
    injection: settingsWith(world.settings),
    source: { kind: 'files', paths: ['-'] },
    scope: { namespace: null, selector: '' },
    suppressions: [],
    ...world.options,
  });
  const template = world.template ?? null;
  for (const object of pods) audited.addPod(object, { accountsAreComplete: true, template });
  return audited.finish('2026-11-24T10:00:00.000Z');
}

function mappingOf(document: object | undefined): RoleMapping {
  if (document === undefined) return emptyMapping;
  const parsed = parseMapping(JSON.stringify(document));
  if (parsed.kind === 'malformed') throw new Error(parsed.detail);
  return parsed.mapping;
}

/** Codes with what they are about: "IRSA004 app,proxy", "IRSA007 serviceaccount". */
export function summary({ findings }: AuditReport): readonly string[] {
  return findings.map(({ code, object, containers }) =>
    [code, object.kind === 'ServiceAccount' ? 'account' : '', containers.join(',')]
      .filter(text => text !== '')
      .join(' '),
  );
}
