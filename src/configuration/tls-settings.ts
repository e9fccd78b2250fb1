import { parseCipherSuites } from './cipher-suites.ts';
import {
  boolean,
  choice,
  duration,
  readRows,
  text,
  unexpected,
  type Parsed,
  type Read,
  type Setting,
  type SettingGroup,
  type ValuesOf,
} from './setting.ts';
import { dnsLabel, dnsSubdomain, filePath } from './text-forms.ts';

export const certificates: Setting<'files' | 'self-managed'> = choice({
  name: 'certificates',
  // As the AWS webhook in every manifest in the wild.
  default: 'files',
  choices: ['files', 'self-managed'],
  help: 'Where the serving certificate comes from: files are --tls-cert and --tls-key; self-managed is an authority of our own, which signs it and publishes itself in --webhook-configuration.',
});

const fileRows = {
  certificatePath: text({
    name: 'tls-cert',
    default: '/etc/webhook/certs/tls.crt',
    form: filePath,
    help: 'Certificate chain to serve with, PEM, leaf first. Read again when it changes.',
  }),
  keyPath: text({
    name: 'tls-key',
    default: '/etc/webhook/certs/tls.key',
    form: filePath,
    help: 'Private key of the certificate, PEM. Read again when it changes.',
  }),
  /** How often both files are read again. */
  reloadIntervalMs: duration({
    name: 'tls-reload-interval',
    // A mounted Secret arrives 30 to 100 s after it was written; 10 s more is little, and reading two files costs nothing.
    default: 10_000,
    min: 100,
    max: 3_600_000,
    help: 'Compare both files this often, besides watching them.',
  }),
};

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

/** Secret and Service are in our namespace. */
export const selfManagedRows = {
  secretName: text({
    name: 'ca-secret',
    default: 'irsa-webhook-ca',
    form: dnsSubdomain,
    help: 'Self-managed: name of the Secret in --namespace that holds the authority; it is created or filled if need be.',
  }),
  webhookConfigurationName: text({
    name: 'webhook-configuration',
    default: 'irsa-webhook',
    form: dnsSubdomain,
    help: 'Self-managed: name of the MutatingWebhookConfiguration whose entries for --service-name get the caBundle.',
  }),
  serviceName: text({
    name: 'service-name',
    default: 'pod-identity-webhook',
    form: dnsLabel,
    help: 'Self-managed: name of the Service in --namespace, for which the certificate is.',
  }),
  clusterDomain: text({
    name: 'cluster-domain',
    default: 'cluster.local',
    form: dnsSubdomain,
    help: 'Self-managed: domain of the cluster, for the longest name in the certificate.',
  }),
  authorityDurationMs: duration({
    name: 'ca-duration',
    default: 365 * dayMs,
    min: hourMs,
    max: 3650 * dayMs,
    help: 'Self-managed: life of the authority; the next one is made when a third of it is left.',
  }),
  certificateDurationMs: duration({
    name: 'certificate-duration',
    default: 7 * dayMs,
    min: 10 * 60 * 1000,
    max: 365 * dayMs,
    help: 'Self-managed: life of the serving certificate; it is renewed when a third of it is left.',
  }),
  settleMs: duration({
    name: 'ca-settle-time',
    // API servers read webhook configurations by a watch: a second is usual, a minute generous.
    default: 60_000,
    min: 1000,
    max: hourMs,
    help: 'Self-managed: publish a new authority for this long before it signs, so that every API server trusts it by then.',
  }),
};

/** As Node.js names them. OpenSSL 3 refuses the older ones at its usual security level. */
type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** Go's names, and what is offered for them. */
const tlsVersions: ReadonlyMap<string, TlsVersion> = new Map([
  // The default of Go, and so of the AWS webhook.
  ['', 'TLSv1.2'],
  ['1.0', 'TLSv1.2'],
  ['1.1', 'TLSv1.2'],
  ['1.2', 'TLSv1.2'],
  ['1.3', 'TLSv1.3'],
  ['VersionTLS10', 'TLSv1.2'],
  ['VersionTLS11', 'TLSv1.2'],
  ['VersionTLS12', 'TLSv1.2'],
  ['VersionTLS13', 'TLSv1.3'],
]);

const tlsMinVersion: Setting<TlsVersion> = {
  name: 'tls-min-version',
  type: 'string',
  defaultText: '',
  defaultValue: 'TLSv1.2',
  help: 'Oldest TLS version: 1.0 to 1.3, or VersionTLS10 to VersionTLS13; empty means 1.2.',
  parse: parseTlsVersion,
};

function parseTlsVersion(version: string): Parsed<TlsVersion> {
  const value = tlsVersions.get(version);
  if (value === undefined) return unexpected('1.0, 1.1, 1.2 or 1.3, or VersionTLS10 to VersionTLS13', version);
  const parsed = { kind: 'value', value, text: value.slice('TLSv'.length) } as const;
  if (!/1\.?[01]$/.test(version)) return parsed;
  return { ...parsed, notice: 'OpenSSL 3 refuses TLS 1.0 and 1.1: 1.2 is used, which every API server speaks' };
}

const tlsCipherSuites: Setting<string | undefined> = {
  name: 'tls-cipher-suites',
  type: 'string',
  defaultText: '',
  defaultValue: undefined,
  help: "Cipher suites up to TLS 1.2, separated by commas, by Go's names; empty means OpenSSL's choice. TLS 1.3 has its own.",
  parse: parseCipherSuites,
};

/** How connections are encrypted. */
const connectionRows = {
  minVersion: tlsMinVersion,
  /** Value of Node's `ciphers` option; undefined for Node's own choice. */
  ciphers: tlsCipherSuites,
};

export const inCluster: Setting<boolean> = boolean({
  name: 'in-cluster',
  default: true,
  help: 'Get a certificate from the certificate API. No Kubernetes since 1.22 can do that: set --in-cluster=false.',
});

const tlsSecret: Setting<string> = text({
  name: 'tls-secret',
  default: 'pod-identity-webhook',
  ignored: true,
  help: 'Accepted, has no effect: named the Secret of --in-cluster.',
});

export const tlsGroup: SettingGroup = {
  title: 'Serving certificate',
  settings: [
    certificates,
    ...Object.values(fileRows),
    ...Object.values(selfManagedRows),
    ...Object.values(connectionRows),
    inCluster,
    tlsSecret,
  ],
};

/** Where the serving certificate comes from. */
export type CertificateSettings =
  | ({ readonly kind: 'files' } & ValuesOf<typeof fileRows>)
  | ({ readonly kind: 'self-managed' } & ValuesOf<typeof selfManagedRows>);

/** The serving certificate and how it is used. */
export type TlsSettings = ValuesOf<typeof connectionRows> & { readonly certificates: CertificateSettings };

/** Returns what the settings say about TLS. */
export function readTls(read: Read): TlsSettings {
  return { certificates: readCertificates(read), ...readRows(connectionRows, read) };
}

function readCertificates(read: Read): CertificateSettings {
  if (read(certificates) === 'files') return { kind: 'files', ...readRows(fileRows, read) };
  return { kind: 'self-managed', ...readRows(selfManagedRows, read) };
}
