import type { Reason } from '../../src/admission/answer.ts';
import type { NoticeCode } from '../../src/identity/notice.ts';
import type { ContainerSkipReason } from '../../src/injection/container-plan.ts';
import { markdownTable } from './markdown-table.ts';

/** What each reason means to a person; a reason that is missing here does not compile. */
const reasons: { readonly [reason in Reason]: string } = {
  identity_injected: 'The pod got its identity.',
  already_injected: 'Everything was there already: reinvocation, a copied pod, or a second webhook.',
  already_configured: 'Every container sets identity, region and endpoint itself, so nothing is wanted.',
  no_role: 'The ServiceAccount has no `role-arn` annotation, and no mapping entry names it.',
  service_account_not_found: 'The API server knows no such ServiceAccount.',
  mapped_to_no_role: 'A mapping entry names the ServiceAccount and gives an empty role: explicitly none.',
  invalid_role_arn:
    'The role is not the ARN of an IAM role, and `--invalid-role-arn=skip` is set; or it is longer than IAM allows.',
  identity_required: 'The pod has the label `require-pod-identity: "true"` and no identity: it is refused.',
  lookup_failed: 'The ServiceAccount could not be read from the API server. Answered with HTTP 503.',
  lookup_timed_out: 'The API server did not answer in time. Answered with HTTP 503.',
  too_many_lookups: 'Too many unknown ServiceAccounts at once. Answered with HTTP 503.',
  mapping_not_synced: 'The mapping ConfigMap has not been read yet. Answered with HTTP 503.',
  associations_not_loaded: 'The associations file has not been read yet. Answered with HTTP 503.',
  mirror_pod: 'The pod is the image of a static pod, which may not use ServiceAccount tokens.',
  skip_label: 'The pod has the label `skip-pod-identity-webhook`.',
  exempt_namespace: 'The namespace is listed in `--exempt-namespaces`.',
  all_containers_skipped: 'The annotations of the pod leave no container to inject into.',
  no_containers: 'The pod has no containers (the API server refuses it), or no new ephemeral one.',
  malformed_pod:
    'A field has a type that the API server will refuse, or there are more containers than can be stored; nothing is patched.',
  no_token_volume: 'An ephemeral container in a pod without the token volume, which cannot be added later.',
  not_a_pod: 'The webhook is registered for more than core/v1 pods.',
  no_object: 'The review holds no object.',
  operation_not_handled: 'Only CREATE of pods, and UPDATE of `pods/ephemeralcontainers`, are handled.',
  subresource_not_handled: 'Only the subresource `ephemeralcontainers` is handled.',
};

const containerReasons: { readonly [reason in ContainerSkipReason]: string } = {
  skip_containers_annotation: 'Named in the pod annotation `skip-containers`.',
  not_in_include_containers_annotation: 'Not named in the pod annotation `include-containers`.',
  already_injected: 'Has all that it needs.',
  already_configured: 'Sets identity, region and endpoint itself.',
  malformed_container: '`env` or `volumeMounts` is not a list; nothing is patched.',
};

const notices: { readonly [code in NoticeCode]: string } = {
  annotation_too_long:
    'An annotation of the ServiceAccount has more than 2,048 characters: it is ignored. Where it is `role-arn`, there is no role.',
  invalid_role_arn:
    'The role is not the ARN of an IAM role. It is injected all the same, unless `--invalid-role-arn=skip` or it is longer than IAM allows.',
  invalid_token_expiration:
    'A `token-expiration` that is not a whole number is ignored; the next weaker source applies.',
  token_expiration_raised: 'Below 600 seconds, which the API server refuses: 600 is used.',
  token_expiration_lowered: 'Above 2^32 seconds, which the API server refuses: 2^32 is used.',
  invalid_sts_regional_endpoints: 'A `sts-regional-endpoints` that is neither true nor false is ignored.',
  invalid_skip_containers: 'A list of container names that is not valid CSV is ignored.',
  unknown_container_name: 'A list of container names holds one that is no container of the pod.',
  volume_name_taken: 'The pod has another volume of our name: ours gets a number.',
  mount_path_taken:
    'The container has something mounted at our path or below it, or something read-only above it: the token is mounted at another path, and the variable points there.',
  mount_under_read_only_parent:
    'The container mounts its root folder read-only, so that no path lies outside: it may fail to start.',
  static_credentials_take_precedence:
    'The container sets keys, profile or configuration file, which the SDKs may take first.',
  web_identity_takes_precedence:
    'The container sets a web identity token file, which the SDKs take before container credentials.',
  relative_uri_takes_precedence:
    'The container sets `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, which the SDKs take before the address that is injected.',
  partial_identity:
    'The container sets one of the two variables of its identity to something else, or to nothing: the other is not added, since the SDKs would fail with both.',
  region_of_another_partition:
    'The container’s region lies in another AWS partition than its role, which AWS STS there does not know.',
  env_from_overridden:
    'The container has `envFrom`: variables of these names in it do not count, since those in `env`, which are injected, come first.',
  list_on_the_service_account:
    '`skip-containers` or `include-containers` is on the ServiceAccount, where nothing reads it: it belongs on the pod.',
  annotation_misspelt: 'The ServiceAccount has an annotation that was meant for the role, and is written otherwise.',
  annotation_on_the_wrong_object: 'The pod has the annotation for the role, which belongs on the ServiceAccount.',
  role_differs:
    'The container brings the variables and the token of another role than that of its ServiceAccount, and keeps it.',
  pod_label_kept: 'The label `eks.amazonaws.com/pod-identity` has a value of the user’s own, which stays.',
  malformed_container: 'A container has fields of a type that the API server will refuse; it is not patched.',
};

export function renderReasons(): string {
  return [
    '# Reasons and notices',
    '',
    'Every decision carries one reason. It is the same word in the log line (`reason`), in the audit annotation',
    '`<webhook name>/reason`, and here. Codes are stable.',
    '',
    '## Reasons of a decision',
    '',
    markdownTable(['reason', 'meaning'], rowsOf(reasons)),
    '',
    '## Why a container was left as it is',
    '',
    markdownTable(['reason', 'meaning'], rowsOf(containerReasons)),
    '',
    '## Notices',
    '',
    'A notice never stops an injection. It is an admission warning, which `kubectl` shows to whoever creates the pod, and a',
    'log line of level `warn`.',
    '',
    markdownTable(['code', 'meaning'], rowsOf(notices)),
    '',
  ].join('\n');
}

function rowsOf(record: { readonly [code: string]: string }): readonly (readonly string[])[] {
  return Object.entries(record).map(([code, meaning]) => [`\`${code}\``, meaning]);
}
