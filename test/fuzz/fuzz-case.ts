import type { Reviewer } from '../../src/admission/answer.ts';
import { createReviewer } from '../../src/admission/reviewer.ts';
import { noAssociations, parseAssociations } from '../../src/identity/associations.ts';
import type { IdentityDefaults } from '../../src/identity/defaults.ts';
import { emptyMapping, parseMapping } from '../../src/identity/mapping.ts';
import type { InjectionSettings } from '../../src/injection/settings.ts';
import { AccountSnapshot } from '../../src/cluster/accounts.ts';
import { isObject } from '../../src/util/json.ts';
import { defaultsWith } from '../identity/support.ts';
import { settingsWith } from '../injection/support.ts';

/** What one run of the pure code takes in, as JSON, so that a failing case can be kept. */
export interface FuzzCase {
  /** The body of the review. */
  readonly review: string;
  /** The ServiceAccount `ns/app` as the API server sends it; anything. */
  readonly account: unknown;
  /** `data.config` of the mapping ConfigMap. */
  readonly mapping: string;
  /** The associations file. */
  readonly associations: string;
  readonly injection: Partial<Pick<InjectionSettings, 'region' | 'partialIdentityEnv' | 'roleSessionName'>>;
  readonly identity: Partial<Pick<IdentityDefaults, 'regionalSts' | 'invalidRoleArn' | 'composeRoleArn'>>;
  /** What `Math.random` would give in the first review. */
  readonly random: number;
}

/** The reviewer of a case, composed as `irsa serve` does it, on a snapshot instead of a watch. */
export function reviewerOf(fuzzCase: FuzzCase, random: () => number): Reviewer {
  const defaults = defaultsWith(fuzzCase.identity);
  const mapping = parseMapping(fuzzCase.mapping, defaults.composeRoleArn);
  const associations = parseAssociations(fuzzCase.associations);
  const identities = new AccountSnapshot({
    mapping: mapping.kind === 'mapping' ? mapping.mapping : emptyMapping,
    associations: associations.kind === 'associations' ? associations.associations : noAssociations,
    defaults,
  });
  if (isObject(fuzzCase.account)) identities.add(fuzzCase.account, 'ns');
  return createReviewer({
    identities,
    injection: settingsWith(fuzzCase.injection),
    faultResponse: 'error',
    random,
  });
}
