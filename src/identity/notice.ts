/**
 * Something about an identity or a pod that its owner should know although the pod is not refused for it.
 * The code is stable: it appears in admission warnings, in the log and in the documentation.
 */
export interface Notice {
  readonly code: NoticeCode;
  /** One line for a person: what was expected, what was found, where, and what was done instead. */
  readonly detail: string;
}

/** The closed list of notices about identities (src/injection adds those about pods). */
export type NoticeCode =
  | 'annotation_too_long'
  | 'invalid_role_arn'
  | 'invalid_token_expiration'
  | 'token_expiration_raised'
  | 'token_expiration_lowered'
  | 'invalid_sts_regional_endpoints'
  | 'invalid_skip_containers'
  | 'unknown_container_name'
  | 'volume_name_taken'
  | 'mount_path_taken'
  | 'mount_under_read_only_parent'
  | 'static_credentials_take_precedence'
  | 'web_identity_takes_precedence'
  | 'relative_uri_takes_precedence'
  | 'partial_identity'
  | 'role_differs'
  | 'pod_label_kept'
  | 'region_of_another_partition'
  | 'env_from_overridden'
  | 'list_on_the_service_account'
  | 'annotation_misspelt'
  | 'annotation_on_the_wrong_object'
  | 'malformed_container';
