import type { Notice } from './notice.ts';

/** Where a setting was found, strongest first. */
export type SettingSource = 'pod' | 'service_account' | 'mapping' | 'flag';

/** A value and where it came from, so that every decision can be explained. */
export interface Parameter<T> {
  readonly value: T;
  readonly from: SettingSource;
}

interface IdentitySettings {
  /** Audience of the projected token. Never empty. */
  readonly audience: Parameter<string>;
  /** Lifetime of the projected token in seconds, within what the API server accepts (600 to 2^32). */
  readonly expirationSeconds: Parameter<number>;
  /** Whether containers get `AWS_STS_REGIONAL_ENDPOINTS=regional`. */
  readonly regionalSts: Parameter<boolean>;
  readonly notices: readonly Notice[];
}

/** IAM roles for service accounts: the SDK exchanges the token at STS for the role's credentials. */
export interface WebIdentity extends IdentitySettings {
  readonly method: 'web_identity';
  readonly roleArn: Parameter<string>;
}

/** EKS Pod Identity: the SDK takes the token to the node agent's credentials endpoint. */
export interface ContainerCredentials extends IdentitySettings {
  readonly method: 'container_credentials';
}

export type Identity = WebIdentity | ContainerCredentials;

/** Why a pod has no identity. Stable: log field, metric label, audit annotation and documentation use these codes. */
export type NoIdentityReason =
  /** The ServiceAccount exists, has no role, and nothing maps one to it. */
  | 'no_role'
  /** Neither the watch nor a live read knows the ServiceAccount. */
  | 'service_account_not_found'
  /** An exact mapping entry with an empty role says: explicitly none (E61). */
  | 'mapped_to_no_role'
  /** The role is not the ARN of an IAM role, and the operator asked not to inject such (E50). */
  | 'invalid_role_arn';

/** Why the question could not be answered. The API server's failurePolicy decides then. */
export type UnavailableReason =
  | 'lookup_failed'
  | 'lookup_timed_out'
  | 'too_many_lookups'
  | 'mapping_not_synced'
  | 'associations_not_loaded';

export type IdentityAnswer =
  | { readonly kind: 'identity'; readonly identity: Identity }
  | {
      readonly kind: 'none';
      readonly reason: NoIdentityReason;
      readonly detail: string;
      readonly notices: readonly Notice[];
    }
  | { readonly kind: 'unavailable'; readonly reason: UnavailableReason; readonly detail: string };
