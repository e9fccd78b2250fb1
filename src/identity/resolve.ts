import type { IdentityDefaults } from './defaults.ts';
import type { Identity, IdentityAnswer, NoIdentityReason, Parameter, SettingSource } from './identity.ts';
import type { MappingEntry, RoleMapping } from './mapping.ts';
import type { Notice } from './notice.ts';
import { namesRole, type ParsedRole } from './role-arn.ts';
import type { ServiceAccountFacts } from './service-account-annotations.ts';
import { quote } from '../util/text.ts';

/** All that is known about one ServiceAccount at the moment of the decision. */
export interface IdentityInputs {
  readonly account: { readonly namespace: string; readonly name: string };
  /** What its annotations say; undefined when it carries none of ours or does not exist. */
  readonly serviceAccount: ServiceAccountFacts | undefined;
  readonly serviceAccountExists: boolean;
  readonly mapping: RoleMapping;
  /** Whether the associations file lists it. */
  readonly associated: boolean;
  readonly defaults: IdentityDefaults;
}

/**
 * Which identity a ServiceAccount has, and why (not). Order of precedence, as in the AWS webhook: association, then the
 * role in the annotation, then the mapping (E56, E65). Settings come from where the role came from, then from the flags.
 */
export function resolveIdentity(inputs: IdentityInputs): IdentityAnswer {
  const { account, serviceAccount, mapping } = inputs;
  if (inputs.associated) return { kind: 'identity', identity: containerCredentials(inputs) };
  if (serviceAccount !== undefined && namesRole(serviceAccount)) return fromServiceAccount(serviceAccount, inputs);
  const entry = mapping.find(account.namespace, account.name);
  if (entry !== undefined && namesRole(entry)) return fromMapping(entry, inputs);
  return withoutRole(entry, inputs);
}

function fromServiceAccount(facts: ServiceAccountFacts, inputs: IdentityInputs): IdentityAnswer {
  return webIdentity({ from: 'service_account', ...facts, settings: facts, notices: facts.notices }, inputs.defaults);
}

function fromMapping(entry: MappingEntry, inputs: IdentityInputs): IdentityAnswer {
  const notices: readonly Notice[] =
    entry.roleArnProblem === undefined ? [] : [{ code: 'invalid_role_arn', detail: entry.roleArnProblem }];
  return webIdentity({ from: 'mapping', ...entry, settings: entry, notices }, inputs.defaults);
}

interface SettingValues {
  readonly audience?: string;
  readonly regionalSts?: boolean;
  readonly expirationSeconds?: number;
}

interface Role extends ParsedRole {
  readonly from: SettingSource;
  readonly settings: SettingValues;
  readonly notices: readonly Notice[];
}

function webIdentity(role: Role, defaults: IdentityDefaults): IdentityAnswer {
  if (role.roleArnProblem !== undefined && (role.roleArn === '' || defaults.invalidRoleArn === 'skip')) {
    return { kind: 'none', reason: 'invalid_role_arn', detail: role.roleArnProblem, notices: role.notices };
  }
  const sources = [{ from: role.from, values: role.settings }];
  const identity: Identity = {
    method: 'web_identity',
    roleArn: { value: role.roleArn, from: role.from },
    audience: firstSetting(sources, values => values.audience, defaults.audience),
    expirationSeconds: firstSetting(sources, values => values.expirationSeconds, defaults.expirationSeconds),
    regionalSts: firstSetting(sources, values => values.regionalSts, defaults.regionalSts),
    notices: role.notices,
  };
  return { kind: 'identity', identity };
}

/** Audience is the flag's alone; expiration and regional STS come from the account, else its mapping entry, else the flags. */
function containerCredentials({ account, serviceAccount, mapping, defaults }: IdentityInputs): Identity {
  const sources: SettingValuesFrom[] = [
    { from: 'service_account', values: serviceAccount ?? {} },
    { from: 'mapping', values: mapping.find(account.namespace, account.name) ?? {} },
  ];
  return {
    method: 'container_credentials',
    audience: { value: defaults.containerCredentialsAudience, from: 'flag' },
    expirationSeconds: firstSetting(sources, values => values.expirationSeconds, defaults.expirationSeconds),
    regionalSts: firstSetting(sources, values => values.regionalSts, defaults.regionalSts),
    notices: (serviceAccount?.notices ?? []).filter(notice => notice.detail !== serviceAccount?.roleArnProblem),
  };
}

interface SettingValuesFrom {
  readonly from: SettingSource;
  readonly values: SettingValues;
}

/** The one rule of precedence: the strongest source that says something, else the flag. */
function firstSetting<T>(
  sources: readonly SettingValuesFrom[],
  read: (values: SettingValues) => T | undefined,
  flag: T,
): Parameter<T> {
  for (const { from, values } of sources) {
    const value = read(values);
    if (value !== undefined) return { value, from };
  }
  return { value: flag, from: 'flag' };
}

function withoutRole(entry: MappingEntry | undefined, inputs: IdentityInputs): IdentityAnswer {
  const name = quote(`${inputs.account.namespace}/${inputs.account.name}`);
  const notices = inputs.serviceAccount?.notices ?? [];
  const none = (reason: NoIdentityReason, detail: string): IdentityAnswer => ({
    kind: 'none',
    reason,
    detail,
    notices,
  });
  if (entry !== undefined) return none('mapped_to_no_role', `mapping entry ${quote(entry.key)} gives no role`);
  if (!inputs.serviceAccountExists) return none('service_account_not_found', `ServiceAccount ${name} does not exist`);
  return none('no_role', `ServiceAccount ${name} has no annotation ${inputs.defaults.annotationPrefix}/role-arn`);
}
