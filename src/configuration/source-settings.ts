import { formatDuration, parseGoDuration } from '../go/duration.ts';
import {
  boolean,
  duration,
  integer,
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
import { dnsLabel, dnsSubdomain, folderPath, optionalAbsolutePath, optionalHttpEndpoint } from './text-forms.ts';

/** How the Kubernetes API is reached; without kubeconfig and URL, as a pod does. */
export const kubernetesRows = {
  /** What KUBECONFIG says stands here where nothing of ours says how to reach the API server; that may be a list. */
  kubeconfig: optionalText({
    name: 'kubeconfig',
    help: 'Reach the API server as this kubeconfig file says; without it as $KUBECONFIG says, unless the API server or the credentials are given; else as a pod, by its ServiceAccount.',
  }),
  apiUrl: optionalText({
    name: 'kube-api',
    form: optionalHttpEndpoint,
    help: 'URL of the API server, instead of the one in the kubeconfig or of the pod.',
  }),
  credentialsPath: text({
    name: 'kube-credentials-path',
    default: '/var/run/secrets/kubernetes.io/serviceaccount',
    form: folderPath,
    help: 'Folder with token and ca.crt, read again when they change; used without a kubeconfig.',
  }),
  /** The namespace of our own objects. */
  namespace: text({
    name: 'namespace',
    default: 'eks',
    form: dnsLabel,
    help: 'Namespace of the webhook; the mapping ConfigMap is read there.',
  }),
};

export const kubernetesGroup: SettingGroup = { title: 'Kubernetes API', settings: Object.values(kubernetesRows) };

export type KubernetesSettings = ValuesOf<typeof kubernetesRows>;

/** Returns what the settings say about the API server. */
export function readKubernetes(read: Read): KubernetesSettings {
  return readRows(kubernetesRows, read);
}

const watchConfigMap: Setting<boolean> = boolean({
  name: 'watch-config-map',
  default: false,
  help: 'Read role mappings from a ConfigMap too, for ServiceAccounts without a role of their own.',
});

const configMapName: Setting<string> = text({
  name: 'config-map-name',
  default: 'pod-identity-webhook',
  form: dnsSubdomain,
  help: 'Name of that ConfigMap in --namespace.',
});

/** Long enough for one retry after a read that took a second, short against the 10 s that an API server waits by default. */
const defaultLookupWaitMs = 2000;
/** A webhook has at most 30 s; no wait is longer than its review. */
const maxLookupWaitMs = 30_000;

const serviceAccountLookupGracePeriod: Setting<number> = {
  name: 'service-account-lookup-grace-period',
  type: 'duration',
  defaultText: '0s',
  defaultValue: defaultLookupWaitMs,
  help: 'How long a review waits for a ServiceAccount that has to be read from the API server; 0 means 2s. It is always read.',
  parse: parseGracePeriod,
};

function parseGracePeriod(written: string): Parsed<number> {
  const given = parseGoDuration(written);
  if (given === undefined || given < 0) return unexpected('a duration such as 100ms', written);
  const value = given === 0 ? defaultLookupWaitMs : Math.min(given, maxLookupWaitMs);
  const parsed = { kind: 'value', value, text: formatDuration(value) } as const;
  return given === 0 || value === given ? parsed : { ...parsed, notice: 'more than 30s, which no review lasts: 30s' };
}

/** Where identities come from, and how the API server is asked for them. */
const sourceRows = {
  /** Undefined where there is no file to read. */
  associationsFile: optionalText({
    name: 'watch-container-credentials-config',
    form: optionalAbsolutePath,
    help: 'Absolute path of the file that lists the ServiceAccounts with EKS Pod Identity; empty means none.',
  }),
  /** Longest wait of one review for a live read; the review's own deadline may end it sooner. */
  maxWaitMs: serviceAccountLookupGracePeriod,
  lookupConcurrency: integer({
    name: 'lookup-concurrency',
    // At 50 ms a read, 1,000 unknown accounts (E147) take 1.6 s, which is within the wait of 2 s; more wait for their turn.
    default: 32,
    min: 1,
    max: 1024,
    help: 'How many ServiceAccounts are read from the API server at a time.',
  }),
  rechecksPerSecond: integer({
    name: 'recheck-rate',
    // More pods a second than all but the largest clusters create, and a small part of what each creation costs the API server.
    default: 100,
    min: 0,
    max: 10_000,
    help: 'How many ServiceAccounts known without a role are read again each second before their pods go without identity; shared by namespace.',
  }),
  watchList: boolean({
    name: 'watch-list',
    default: true,
    help: 'Have lists streamed; an API server that cannot is asked for pages.',
  }),
  listPageSize: integer({
    name: 'list-page-size',
    // As kubectl and client-go; one page of ServiceAccounts is about half a megabyte.
    default: 500,
    min: 1,
    max: 10_000,
    help: 'Objects in each page of a list.',
  }),
  silenceMs: duration({
    name: 'silent-watch-timeout',
    // kube-apiserver sends the first bookmark after two minutes and then one a minute (1.36.3); 30 s cover a late one.
    default: 150_000,
    min: 1000,
    max: 3_600_000,
    help: 'Open a watch again that sent nothing for this long; the first bookmark comes after two minutes.',
  }),
};

const resyncPeriod: Setting<number> = duration({
  name: 'resync-period',
  default: 60_000,
  min: 0,
  // As long as Go's durations: any value is accepted, because it has no effect.
  max: 9_223_372_036_854,
  ignored: true,
  help: 'Accepted, has no effect: nothing is delivered again, because nothing that was read once needs it.',
});

export const sourcesGroup: SettingGroup = {
  title: 'Sources of identities',
  settings: [watchConfigMap, configMapName, ...Object.values(sourceRows), resyncPeriod],
};

export type SourceSettings = ValuesOf<typeof sourceRows> & {
  /** The mapping ConfigMap; undefined where there is none to read. */
  readonly mapping: { readonly namespace: string; readonly name: string } | undefined;
};

/** Returns what the settings say about the sources of identities. */
export function readSources(read: Read): SourceSettings {
  const name = read(configMapName);
  return {
    ...readRows(sourceRows, read),
    mapping: read(watchConfigMap) ? { namespace: read(kubernetesRows.namespace), name } : undefined,
  };
}
