/** Stable: never given to something else, whatever becomes of the finding. */
export const findingCodes = [
  'IRSA001',
  'IRSA002',
  'IRSA003',
  'IRSA004',
  'IRSA005',
  'IRSA006',
  'IRSA007',
  'IRSA008',
  'IRSA009',
  'IRSA010',
  'IRSA011',
  'IRSA012',
  'IRSA013',
  'IRSA014',
  'IRSA015',
  'IRSA016',
  'IRSA017',
  'IRSA018',
  'IRSA019',
  'IRSA020',
] as const;

export type FindingCode = (typeof findingCodes)[number];

/** How heavy a finding is, heaviest first. */
export const severities = ['error', 'warning', 'info'] as const;

export type Severity = (typeof severities)[number];

/** What one code means, for every renderer and for the documentation. */
export interface FindingKind {
  /** The code in words; as stable as the code. */
  readonly name: string;
  readonly title: string;
  /** What a finding has unless its own says otherwise. */
  readonly severity: Severity;
  /** What was found. Texts are plain, with code in backticks. */
  readonly meaning: string;
  /** What happens, or may, if nothing is done. */
  readonly consequence: string;
  readonly remedy: string;
  /** True when new pods do not have it: the commands of `--remedy` then restart the workload. */
  readonly restart: boolean;
}

const restartText = 'Restart the workload: its new pods go through the webhook.';

/** Every finding there is; a code without a kind does not compile. */
export const findingKinds: { readonly [code in FindingCode]: FindingKind } = {
  IRSA001: {
    name: 'identity_missing',
    title: 'Identity missing',
    severity: 'error',
    meaning:
      'The ServiceAccount has an identity, and no container of the pod has it. The pod was created before the account was annotated, or while no webhook answered.',
    consequence: 'The AWS SDKs find no credentials, or take those of the node.',
    remedy: `${restartText} If new pods lack it too, \`irsa explain pod/NAME\` says why.`,
    restart: true,
  },
  IRSA002: {
    name: 'role_stale',
    title: 'Stale role',
    severity: 'error',
    meaning:
      'Containers run with another role, or by another method, than the ServiceAccount has now. A pod keeps what it was created with.',
    consequence: 'The pod acts as the old role, until AWS refuses it or for as long as the role trusts the account.',
    remedy: `${restartText} Where the pod template itself sets \`AWS_ROLE_ARN\`, that variable wins: remove it first.`,
    restart: true,
  },
  IRSA003: {
    name: 'identity_unexpected',
    title: 'Unexpected identity',
    severity: 'warning',
    meaning: 'The pod has an injected identity, and its ServiceAccount has none any more.',
    consequence: 'The pod still acts as a role that was taken from its account; its next restart takes the role away.',
    remedy: 'Restart the workload where the role was removed on purpose; else annotate the ServiceAccount again.',
    restart: false,
  },
  IRSA004: {
    name: 'identity_partial',
    title: 'Partial identity',
    severity: 'error',
    meaning:
      'Some containers have the identity, and others, which no annotation excludes, lack variables or the mount of the token.',
    consequence: 'The containers that lack it find no credentials, or take those of the node.',
    remedy:
      'See whether the pod template has the containers. Where another webhook adds them, ours needs `reinvocationPolicy: IfNeeded`, or `skip-containers` on the pod where they need no identity; else restart the workload.',
    restart: false,
  },
  IRSA005: {
    name: 'annotation_invalid',
    title: 'Invalid annotation',
    severity: 'warning',
    meaning:
      'An annotation of a ServiceAccount or a pod, or an entry of the mapping, cannot be used as it is written. An error where it is the role, a warning where the value is ignored or limited.',
    consequence: 'AWS refuses a role that is not an ARN; any other setting has not the effect that its author meant.',
    remedy: 'Correct the value, then restart the workloads that use it.',
    restart: false,
  },
  IRSA006: {
    name: 'both_methods',
    title: 'Both methods',
    severity: 'warning',
    meaning: 'A container has the variables of web identity (a role) and of container credentials (EKS Pod Identity).',
    consequence: 'The AWS SDKs take the web identity, and the association has no effect.',
    remedy: 'Decide for one: remove the annotation `role-arn` or the association, and variables in the pod template.',
    restart: false,
  },
  IRSA007: {
    name: 'account_unused',
    title: 'Unused annotated account',
    severity: 'info',
    meaning: 'A ServiceAccount has the annotation `role-arn`, and no running pod uses it.',
    consequence: 'Whoever may create pods in the namespace may use the role.',
    remedy: 'Remove the annotation, unless a CronJob or a workload that is scaled to zero needs it.',
    restart: false,
  },
  IRSA008: {
    name: 'token_without_variables',
    title: 'Token without variables',
    severity: 'error',
    meaning:
      'The pod has a token for AWS, and no variable tells the SDKs where it is. A warning where the ServiceAccount has no identity.',
    consequence: 'The AWS SDKs find no credentials, or take those of the node.',
    remedy:
      'Restart the workload. Where another webhook or a controller drops the variables, make ours run after it; remove volumes that nobody reads.',
    restart: true,
  },
  IRSA009: {
    name: 'static_credentials',
    title: 'Static credentials win',
    severity: 'warning',
    meaning: 'A container with an identity also sets access keys, a profile or a configuration file of AWS.',
    consequence: 'The AWS SDKs may take those before the identity, so that the role is never assumed.',
    remedy: 'Remove the variables from the pod template.',
    restart: false,
  },
  IRSA010: {
    name: 'audience_differs',
    title: 'Other audience',
    severity: 'warning',
    meaning: 'The token of the pod was made for another audience than the settings ask for now.',
    consequence: 'AWS refuses the token when the identity provider does not list its audience.',
    remedy: restartText,
    restart: true,
  },
  IRSA011: {
    name: 'expiration_differs',
    title: 'Other token lifetime',
    severity: 'info',
    meaning: 'The token of the pod lives longer or shorter than the settings ask for now.',
    consequence: 'None, as long as AWS accepts the token: the kubelet renews it in time.',
    remedy: restartText,
    restart: true,
  },
  IRSA012: {
    name: 'variable_repeated',
    title: 'Variable set twice',
    severity: 'warning',
    meaning: 'A container sets a variable of the identity more than once.',
    consequence: 'The last one counts, which may not be the one that somebody reads or edits.',
    remedy: 'Leave one of them in the pod template, or none.',
    restart: false,
  },
  IRSA013: {
    name: 'account_missing',
    title: 'ServiceAccount missing',
    severity: 'error',
    meaning: 'The pod has or needs an identity, and its ServiceAccount does not exist any more.',
    consequence: 'The kubelet cannot renew the token: access to AWS ends when it expires.',
    remedy: 'Create the ServiceAccount again, or delete the workload.',
    restart: false,
  },
  IRSA014: {
    name: 'settings_differ',
    title: 'Other settings',
    severity: 'info',
    meaning:
      'The identity is complete, and a review would still add something: region, endpoint, session name, label or a mount.',
    consequence: 'The pod works with what it has; the added setting applies to new pods only.',
    remedy: restartText,
    restart: true,
  },
  IRSA015: {
    name: 'identity_required',
    title: 'Required identity missing',
    severity: 'error',
    meaning: 'The pod has the label `require-pod-identity: "true"`, and its ServiceAccount has no identity.',
    consequence: 'A new pod of this workload is refused: it does not survive its next restart or eviction.',
    remedy: 'Annotate the ServiceAccount with a role, or remove the label from the pod template.',
    restart: false,
  },
  IRSA016: {
    name: 'token_file_missing',
    title: 'Token file missing',
    severity: 'warning',
    meaning: 'A variable names a token file at a path where no volume is mounted.',
    consequence: 'The AWS SDKs find no token there, unless the image or a process of the container writes the file.',
    remedy: 'Mount the volume of the token at that path in the pod template, or remove the variable there.',
    restart: false,
  },
  IRSA017: {
    name: 'role_overridden',
    title: 'Role of the pod template',
    severity: 'warning',
    meaning:
      'The pod template sets `AWS_ROLE_ARN` to another role than the ServiceAccount has. An info where the container also has a token volume of its own.',
    consequence: 'The container acts as the role of its template. A restart changes nothing.',
    remedy: 'Remove `AWS_ROLE_ARN` from the pod template, unless this container is meant to have another role.',
    restart: false,
  },
  IRSA018: {
    name: 'annotation_misplaced',
    title: 'Annotation without effect',
    severity: 'warning',
    meaning:
      'An annotation is meant for the webhook, and has a name or stands on an object that the webhook does not read.',
    consequence: 'It has no effect: the pod gets what it would get without it.',
    remedy: 'Write the annotation on the ServiceAccount, under the name that the webhook reads, and remove this one.',
    restart: false,
  },
  IRSA019: {
    name: 'audience_unusual',
    title: 'Audience that is nearly right',
    severity: 'warning',
    meaning: 'The audience of the token is nearly that of AWS STS, which is `sts.amazonaws.com`, in China too.',
    consequence: 'AWS refuses the token, unless the identity provider lists exactly this audience.',
    remedy:
      'Correct the audience where it is written: annotation, mapping, flag or pod template. Then restart the workload.',
    restart: false,
  },
  IRSA020: {
    name: 'env_from_unseen',
    title: 'Variables from elsewhere',
    severity: 'info',
    meaning:
      'A container with an identity has `envFrom`, whose variables are in a Secret or ConfigMap that is not looked at.',
    consequence: 'Access keys in it would win over the identity.',
    remedy: 'See whether the Secret or ConfigMap holds `AWS_ACCESS_KEY_ID`, and remove it there.',
    restart: false,
  },
};
