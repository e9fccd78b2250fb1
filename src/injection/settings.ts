/** Names and paths of what is injected for one method; every one of them is a flag. */
export interface TokenLocation {
  /** Name of the projected volume, for example `aws-iam-token`. */
  readonly volumeName: string;
  /** Unix path at which containers mount it, clean (no trailing slash). */
  readonly mountPath: string;
  /** File name of the token inside the volume, for example `token`. */
  readonly tokenPath: string;
}

/** What the flags say about injection. */
export interface InjectionSettings {
  /** `--annotation-prefix` */
  readonly annotationPrefix: string;
  readonly webIdentity: TokenLocation;
  readonly containerCredentials: TokenLocation & {
    /** `--container-credentials-full-uri`, the value of `AWS_CONTAINER_CREDENTIALS_FULL_URI`. */
    readonly fullUri: string;
  };
  /** `--aws-default-region`; empty adds no region variables. */
  readonly region: string;
  /**
   * What happens to a container that defines one of the two identity variables: `complete` adds the other (E91), `keep`
   * leaves both alone as the AWS webhook does.
   */
  readonly partialIdentityEnv: 'complete' | 'keep';
  /** Whether containers get `AWS_ROLE_SESSION_NAME` (E99). */
  readonly roleSessionName: 'none' | 'pod';
  /** Namespaces, `*` as wildcard, whose pods are never touched (E26). */
  readonly exemptNamespaces: readonly string[];
}
