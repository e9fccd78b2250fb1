/** Account and partition with which a bare role name becomes an ARN (`--compose-role-arn`). */
export interface RoleArnParts {
  readonly accountId: string;
  readonly partition: string;
}

/** What the flags say where neither pod, ServiceAccount nor mapping says anything. */
export interface IdentityDefaults {
  /** `--annotation-prefix`, for example `eks.amazonaws.com`; every annotation starts with it and a slash (E66). */
  readonly annotationPrefix: string;
  /** `--token-audience` */
  readonly audience: string;
  /** `--container-credentials-audience` */
  readonly containerCredentialsAudience: string;
  /** `--token-expiration` in seconds, already within what the API server accepts. */
  readonly expirationSeconds: number;
  /** `--sts-regional-endpoint` */
  readonly regionalSts: boolean;
  /** Set when role names are to be composed into ARNs. */
  readonly composeRoleArn?: RoleArnParts;
  /** What to do with a role that is not the ARN of an IAM role: inject it and warn (as AWS), or give no identity. */
  readonly invalidRoleArn: 'inject' | 'skip';
}
