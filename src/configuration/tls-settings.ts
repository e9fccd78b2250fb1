import { parseCipherSuites } from './cipher-suites.ts';
import { boolean, duration, text, unexpected } from './setting-kinds.ts';
import type { Parsed, Read, Setting, SettingGroup } from './setting.ts';
import { filePath } from './text-forms.ts';

/** As Node names them. OpenSSL 3 refuses the older ones at its usual security level. */
type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** The serving certificate and how it is used. */
export interface TlsSettings {
  readonly certificatePath: string;
  readonly keyPath: string;
  /** How often both files are read again, in milliseconds. */
  readonly reloadIntervalMs: number;
  readonly minVersion: TlsVersion;
  /** Value of Node's `ciphers` option; undefined for Node's own choice. */
  readonly ciphers: string | undefined;
}

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
  ignored: true,
  help: 'Accepted, has no effect: named the certificate of --in-cluster.',
});

const tlsSecret: Setting<string> = text({
  name: 'tls-secret',
  default: 'pod-identity-webhook',
  ignored: true,
  help: 'Accepted, has no effect: named the Secret of --in-cluster.',
});

export const tlsGroup: SettingGroup = {
  title: 'Serving certificate',
  settings: [tlsCert, tlsKey, tlsReloadInterval, tlsMinVersion, tlsCipherSuites, inCluster, serviceName, tlsSecret],
};

export function readTls(read: Read): TlsSettings {
  return {
    certificatePath: read(tlsCert),
    keyPath: read(tlsKey),
    reloadIntervalMs: read(tlsReloadInterval),
    minVersion: read(tlsMinVersion),
    ciphers: read(tlsCipherSuites),
  };
}
