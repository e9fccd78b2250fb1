import type { ServiceAccountReference } from '../../../src/admission/identity-source.ts';
import { defaultsWith } from '../../identity/support.ts';
import type { IdentityAnswer } from '../../../src/identity/identity.ts';
import type { ReflectorSettings } from '../../../src/kubernetes/watch-state.ts';
import { IdentitySources, type IdentitySourcesOptions } from '../../../src/sources/identity-sources.ts';
import { defaultLookupSettings } from '../../../src/sources/service-account-lookup.ts';
import type { LogFields } from '../../../src/util/log.ts';
import { connectInCluster, now, type InClusterClient } from '../../support/fake-api-server-connection.ts';
import type { FakeApiServer } from '../../support/fake-api-server.ts';
import { waitFor } from '../../support/wait-for.ts';

export const role = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;

export const annotated = (name: string): { annotations: Record<string, string> } => ({
  annotations: { 'eks.amazonaws.com/role-arn': role(name) },
});

const defaults = defaultsWith();

/** The proportions of the real times, in a fraction of them. */
export const quickReflector: ReflectorSettings = {
  silenceMs: 1_500,
  listSilenceMs: 1_000,
  liveMs: 1_000,
  firstLiveMs: 1_000,
  settleMs: 20,
  shortWatchMs: 50,
  backoff: { floorMs: 20, ceilingMs: 200 },
  streamsLists: true,
  pageSize: 500,
  maxPageBytes: 2 * 1024 * 1024,
  watchSeconds: { from: 300, to: 600 },
};

export interface RunningSources extends AsyncDisposable {
  readonly sources: IdentitySources;
  readonly pod: InClusterClient;
  /** Metrics as they were told: `resource reason`, `source result`. */
  readonly restarts: string[];
  readonly lookups: string[];
  readonly refusals: string[];
  readonly requests: string[];
  readonly lines: { readonly level: string; readonly message: string; readonly fields: LogFields }[];
  /** The answer, however it comes. */
  ask(namespace: string, name: string, waitMs?: number): Promise<IdentityAnswer>;
  /** The answer only if it comes at once. */
  askNow(namespace: string, name: string): IdentityAnswer | 'asks the API server';
  /** Waits until so many annotated accounts are known, without asking for an identity, which would read the account. */
  knows(annotatedAccounts: number): Promise<void>;
  /** Waits until everything was listed and the watch vouches for it. */
  ready(): Promise<void>;
}

/** Starts the sources against the fake API server; they end with disposal. */
export async function runSources(
  api: FakeApiServer,
  options: Partial<IdentitySourcesOptions> = {},
): Promise<RunningSources> {
  const ending = new AbortController();
  const requests: string[] = [];
  const restarts: string[] = [];
  const lookups: string[] = [];
  const refusals: string[] = [];
  const lines: RunningSources['lines'] = [];
  const log =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push({ level, message, fields });
  const pod = await connectInCluster(api, { requestFinished: ({ code }) => requests.push(code) });
  const sources = new IdentitySources({
    client: pod.client,
    defaults,
    mapping: undefined,
    associations: undefined,
    maxWaitMs: Number.POSITIVE_INFINITY,
    recentMs: 300,
    rechecksPerSecond: 0,
    reflector: quickReflector,
    lookup: defaultLookupSettings,
    observer: {
      watchRestarted: (resource, reason) => restarts.push(`${resource} ${reason}`),
      lookedUp: (source, result) => lookups.push(`${source} ${result}`),
      waited: () => undefined,
      refused: reason => refusals.push(reason),
    },
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    now,
    random: Math.random,
    ...options,
  });
  const running = sources.run(ending.signal);
  const askAt = (account: ServiceAccountReference, waitMs: number) => sources.identityOf(account, waitMs);
  return {
    sources,
    pod,
    restarts,
    lookups,
    refusals,
    requests,
    lines,
    ask: async (namespace, name, waitMs = 5_000) => askAt({ namespace, name }, waitMs),
    askNow(namespace, name) {
      const answer = askAt({ namespace, name }, 0);
      return answer instanceof Promise ? 'asks the API server' : answer;
    },
    async knows(annotatedAccounts) {
      const known = (): number | undefined => sources.status()[0]?.objects;
      await waitFor(() => known() === annotatedAccounts, { what: `${annotatedAccounts} annotated accounts` });
    },
    async ready() {
      await waitFor(() => sources.health().kind === 'healthy', { what: 'the sources to be synced' });
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await running;
      await pod[Symbol.asyncDispose]();
    },
  };
}

/** The role of the answer, or the reason why there is none. */
export function roleOf(answer: IdentityAnswer | 'asks the API server'): string {
  if (answer === 'asks the API server') return answer;
  if (answer.kind !== 'identity') return answer.reason;
  return answer.identity.method === 'web_identity' ? answer.identity.roleArn.value : 'container_credentials';
}
