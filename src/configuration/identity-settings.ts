import { parseGoInteger } from '../go/numbers.ts';
import type { IdentityDefaults } from '../identity/defaults.ts';
import { limitExpiration } from '../identity/token-expiration.ts';
import {
  boolean,
  choice,
  duration,
  optionalText,
  readRows,
  text,
  unexpected,
  type Parsed,
  type Read,
  type Setting,
  type SettingGroup,
  type ValuesOf,
} from './setting.ts';
import { audience, dnsSubdomain, httpEndpoint, optionalAccountId, optionalPartition } from './text-forms.ts';

const tokenExpiration: Setting<number> = {
  name: 'token-expiration',
  type: 'int64',
  defaultText: '86400',
  defaultValue: 86_400,
  help: 'Lifetime of the token in seconds where pod and ServiceAccount say nothing; brought into 600 to 4294967296.',
  parse: parseTokenExpiration,
};

function parseTokenExpiration(written: string): Parsed<number> {
  const exact = parseGoInteger(written);
  if (exact === undefined) return unexpected('an integer of at most 64 bits', written);
  const { seconds, notices } = limitExpiration(exact, 'the value');
  const notice = notices.map(({ detail }) => detail).join('; ');
  return { kind: 'value', value: seconds, text: String(seconds), ...(notice === '' ? {} : { notice }) };
}

/** What an identity has where nobody says otherwise. */
const identityRows = {
  annotationPrefix: text({
    name: 'annotation-prefix',
    default: 'eks.amazonaws.com',
    form: dnsSubdomain,
    help: 'Domain of the annotations on ServiceAccounts and pods, as in eks.amazonaws.com/role-arn.',
  }),
  audience: text({
    name: 'token-audience',
    default: 'sts.amazonaws.com',
    form: audience,
    help: 'Audience of the token where the ServiceAccount says nothing.',
  }),
  expirationSeconds: tokenExpiration,
  regionalSts: boolean({
    name: 'sts-regional-endpoint',
    default: false,
    help: 'Add AWS_STS_REGIONAL_ENDPOINTS=regional where the ServiceAccount says nothing.',
  }),
  invalidRoleArn: choice({
    name: 'invalid-role-arn',
    default: 'inject',
    choices: ['inject', 'skip'],
    help: 'What to do with a role that is not the ARN of an IAM role: inject it and warn, or give no identity.',
  }),
  containerCredentialsAudience: text({
    name: 'container-credentials-audience',
    default: 'pods.eks.amazonaws.com',
    form: audience,
    help: 'Audience of the token for EKS Pod Identity.',
  }),
};

/** How account and partition are found with which a role name becomes an ARN. They are resolved at the start. */
export const composeRoleArnRows = {
  enabled: boolean({
    name: 'compose-role-arn',
    default: false,
    help: 'Let annotations name a role only, and make its ARN with account and partition of the cluster.',
  }),
  /** Undefined asks the instance metadata service. */
  accountId: optionalText({
    name: 'account-id',
    form: optionalAccountId,
    help: 'AWS account for --compose-role-arn; empty asks the EC2 instance metadata service.',
  }),
  /** Undefined derives it from the region. */
  partition: optionalText({
    name: 'partition',
    form: optionalPartition,
    help: 'AWS partition for --compose-role-arn; empty derives it from the region, and without one means aws.',
  }),
  imdsEndpoint: text({
    name: 'imds-endpoint',
    default: 'http://169.254.169.254',
    form: httpEndpoint,
    help: 'Where --compose-role-arn finds the EC2 instance metadata service.',
  }),
  imdsTimeoutMs: duration({
    name: 'imds-timeout',
    // It answers in milliseconds; where the hop limit stops the answer, waiting longer brings nothing (E52).
    default: 2000,
    min: 10,
    max: 60_000,
    help: 'How long each question to the metadata service may take.',
  }),
};

export const identityGroup: SettingGroup = {
  title: 'Identities',
  settings: [...Object.values(identityRows), ...Object.values(composeRoleArnRows)],
};

/** The row of `--annotation-prefix`, which injection reads too. */
export const annotationPrefix: Setting<string> = identityRows.annotationPrefix;

/** Returns the defaults of an identity, without account and partition. */
export function readIdentityDefaults(read: Read): Omit<IdentityDefaults, 'composeRoleArn'> {
  return readRows(identityRows, read);
}

export type ComposeRoleArnSettings = ValuesOf<typeof composeRoleArnRows>;

/** Returns how account and partition are found. */
export function readComposeRoleArn(read: Read): ComposeRoleArnSettings {
  return readRows(composeRoleArnRows, read);
}
