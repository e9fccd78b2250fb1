import type { IdentityDefaults } from '../identity/defaults.ts';
import { limitExpiration } from '../identity/token-expiration.ts';
import { parseGoInteger } from '../go/numbers.ts';
import { boolean, choice, duration, text, unexpected } from './setting-kinds.ts';
import type { Parsed, Read, Setting, SettingGroup } from './setting.ts';
import { audience, dnsSubdomain, httpEndpoint, optionalAccountId, optionalPartition } from './text-forms.ts';

/** How account and partition are found with which a role name becomes an ARN. They are resolved at the start. */
export interface ComposeRoleArnSettings {
  readonly enabled: boolean;
  /** Undefined asks the instance metadata service. */
  readonly accountId: string | undefined;
  /** Undefined derives it from the region. */
  readonly partition: string | undefined;
  readonly imdsEndpoint: string;
  readonly imdsTimeoutMs: number;
}

export const annotationPrefix: Setting<string> = text({
  name: 'annotation-prefix',
  default: 'eks.amazonaws.com',
  form: dnsSubdomain,
  help: 'Domain of the annotations on ServiceAccounts and pods, as in eks.amazonaws.com/role-arn.',
});

const tokenAudience: Setting<string> = text({
  name: 'token-audience',
  default: 'sts.amazonaws.com',
  form: audience,
  help: 'Audience of the token where the ServiceAccount says nothing.',
});

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

const stsRegionalEndpoint: Setting<boolean> = boolean({
  name: 'sts-regional-endpoint',
  default: false,
  help: 'Add AWS_STS_REGIONAL_ENDPOINTS=regional where the ServiceAccount says nothing.',
});

const invalidRoleArn: Setting<'inject' | 'skip'> = choice({
  name: 'invalid-role-arn',
  default: 'inject',
  choices: ['inject', 'skip'],
  help: 'What to do with a role that is not the ARN of an IAM role: inject it and warn, or give no identity.',
});

const containerCredentialsAudience: Setting<string> = text({
  name: 'container-credentials-audience',
  default: 'pods.eks.amazonaws.com',
  form: audience,
  help: 'Audience of the token for EKS Pod Identity.',
});

export const composeRoleArn: Setting<boolean> = boolean({
  name: 'compose-role-arn',
  default: false,
  help: 'Let annotations name a role only, and make its ARN with account and partition of the cluster.',
});

export const accountId: Setting<string> = text({
  name: 'account-id',
  default: '',
  form: optionalAccountId,
  help: 'AWS account for --compose-role-arn; empty asks the EC2 instance metadata service.',
});

export const partition: Setting<string> = text({
  name: 'partition',
  default: '',
  form: optionalPartition,
  help: 'AWS partition for --compose-role-arn; empty derives it from the region, and without one means aws.',
});

const imdsEndpoint: Setting<string> = text({
  name: 'imds-endpoint',
  default: 'http://169.254.169.254',
  form: httpEndpoint,
  help: 'Where --compose-role-arn finds the EC2 instance metadata service.',
});

const imdsTimeout: Setting<number> = duration({
  name: 'imds-timeout',
  // It answers in milliseconds; where the hop limit stops the answer, waiting longer brings nothing (E52).
  default: 2000,
  min: 10,
  max: 60_000,
  help: 'How long each question to the metadata service may take.',
});

export const identityGroup: SettingGroup = {
  title: 'Identities',
  settings: [
    annotationPrefix,
    tokenAudience,
    tokenExpiration,
    stsRegionalEndpoint,
    invalidRoleArn,
    containerCredentialsAudience,
    composeRoleArn,
    accountId,
    partition,
    imdsEndpoint,
    imdsTimeout,
  ],
};

export function readIdentityDefaults(read: Read): Omit<IdentityDefaults, 'composeRoleArn'> {
  return {
    annotationPrefix: read(annotationPrefix),
    audience: read(tokenAudience),
    containerCredentialsAudience: read(containerCredentialsAudience),
    expirationSeconds: read(tokenExpiration),
    regionalSts: read(stsRegionalEndpoint),
    invalidRoleArn: read(invalidRoleArn),
  };
}

export function readComposeRoleArn(read: Read): ComposeRoleArnSettings {
  return {
    enabled: read(composeRoleArn),
    accountId: read(accountId) || undefined,
    partition: read(partition) || undefined,
    imdsEndpoint: read(imdsEndpoint),
    imdsTimeoutMs: read(imdsTimeout),
  };
}
