import { parseCipherSuites } from './cipher-suites.ts';
import { boolean, choice, duration, text, unexpected } from './setting-kinds.ts';
import type { Parsed, Read, Setting, SettingGroup } from './setting.ts';
import { dnsLabel, dnsSubdomain, filePath } from './text-forms.ts';

/** As Node names them. OpenSSL 3 refuses the older ones at its usual security level. */
type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** Where the serving certificate comes from. */
export type CertificateSettings =
  | {
      readonly kind: 'files';
      readonly certificatePath: string;
      readonly keyPath: string;
      /** How often both files are read again, in milliseconds. */
      readonly reloadIntervalMs: number;
    }
  | {
      readonly kind: 'self-managed';
      /** Name of the Secret, in our namespace. */
      readonly secretName: string;
      readonly webhookConfigurationName: string;
      /** Name of the Service, in our namespace. */
      readonly serviceName: string;
      readonly clusterDomain: string;
      readonly authorityDurationMs: number;
      readonly certificateDurationMs: number;
      readonly settleMs: number;
    };

/** The serving certificate and how it is used. */
export interface TlsSettings {
  readonly certificates: CertificateSettings;
  readonly minVersion: TlsVersion;
  /** Value of Node's `ciphers` option; undefined for Node's own choice. */
  readonly ciphers: string | undefined;
}

export const certificates: Setting<'files' | 'self-managed'> = choice({
  name: 'certificates',
  // As the AWS webhook in every manifest in the wild.
  default: 'files',
  choices: ['files', 'self-managed'],
  help: 'Where the serving certificate comes from: files are --tls-cert and --tls-key; self-managed is an authority of our own, which signs it and publishes itself in --webhook-configuration.',
});

const caSecret: Setting<string> = text({
  name: 'ca-secret',
  default: 'irsa-webhook-ca',
  form: dnsSubdomain,
  help: 'Self-managed: name of the Secret in --namespace that holds the authority; it is created or filled if need be.',
});

const webhookConfiguration: Setting<string> = text({
  name: 'webhook-configuration',
  default: 'irsa-webhook',
  form: dnsSubdomain,
  help: 'Self-managed: name of the MutatingWebhookConfiguration whose entries for --service-name get the caBundle.',
});

const clusterDomain: Setting<string> = text({
  name: 'cluster-domain',
  default: 'cluster.local',
  form: dnsSubdomain,
  help: 'Self-managed: domain of the cluster, for the longest name in the certificate.',
});

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

export const caDuration: Setting<number> = duration({
  name: 'ca-duration',
  default: 365 * dayMs,
  min: hourMs,
  max: 3650 * dayMs,
  help: 'Self-managed: life of the authority; the next one is made when a third of it is left.',
});

export const certificateDuration: Setting<number> = duration({
  name: 'certificate-duration',
  default: 7 * dayMs,
  min: 10 * 60 * 1000,
  max: 365 * dayMs,
  help: 'Self-managed: life of the serving certificate; it is renewed when a third of it is left.',
});

const caSettleTime: Setting<number> = duration({
  name: 'ca-settle-time',
  // API servers read webhook configurations by a watch: a second is usual, a minute generous.
  default: 60_000,
  min: 1000,
  max: hourMs,
  help: 'Self-managed: publish a new authority for this long before it signs, so that every API server trusts it by then.',
});

const tlsCert: Setting<string> = text({
  name: 'tls-cert',
  default: '/etc/webhook/certs/tls.crt',
  form: filePath,
  help: 'Certificate chain to serve with, PEM, leaf first. Read again when it changes.',
});

const tlsKey: Setting<string> = text({
  name: 'tls-key',
  default: '/etc/webhook/certs/tls.key',
  form: filePath,
  help: 'Private key of the certificate, PEM. Read again when it changes.',
});

const tlsReloadInterval: Setting<number> = duration({
  name: 'tls-reload-interval',
  // A mounted Secret arrives 30 to 100 s after it was written; 10 s more is little, and reading two files costs nothing.
  default: 10_000,
  min: 100,
  max: 3_600_000,
  help: 'Compare both files this often, besides watching them.',
});

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

export const inCluster: Setting<boolean> = boolean({
  name: 'in-cluster',
  default: true,
  help: 'Get a certificate from the certificate API. No Kubernetes since 1.22 can do that: set --in-cluster=false.',
});

const serviceName: Setting<string> = text({
  name: 'service-name',
  default: 'pod-identity-webhook',
  form: dnsLabel,
  help: 'Self-managed: name of the Service in --namespace, for which the certificate is.',
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
    tlsCert,
    tlsKey,
    tlsReloadInterval,
    caSecret,
    webhookConfiguration,
    serviceName,
    clusterDomain,
    caDuration,
    certificateDuration,
    caSettleTime,
    tlsMinVersion,
    tlsCipherSuites,
    inCluster,
    tlsSecret,
  ],
};

export function readTls(read: Read): TlsSettings {
  return { certificates: readCertificates(read), minVersion: read(tlsMinVersion), ciphers: read(tlsCipherSuites) };
}

function readCertificates(read: Read): CertificateSettings {
  if (read(certificates) === 'files') {
    return {
      kind: 'files',
      certificatePath: read(tlsCert),
      keyPath: read(tlsKey),
      reloadIntervalMs: read(tlsReloadInterval),
    };
  }
  return {
    kind: 'self-managed',
    secretName: read(caSecret),
    webhookConfigurationName: read(webhookConfiguration),
    serviceName: read(serviceName),
    clusterDomain: read(clusterDomain),
    authorityDurationMs: read(caDuration),
    certificateDurationMs: read(certificateDuration),
    settleMs: read(caSettleTime),
  };
}
