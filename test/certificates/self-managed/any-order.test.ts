import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Authority,
  distinct,
  trustedBy,
  type AuthorityState,
  leafValidity,
} from '../../../src/certificates/self-managed/authority.ts';
import { findLeafDue, renewalTime, type Leaf } from '../../../src/certificates/self-managed/serving-leaf.ts';
import { findDueStep } from '../../../src/certificates/self-managed/due-step.ts';
import { nextState } from '../../../src/certificates/self-managed/authority-agreement.ts';
import { SettleClock } from '../../../src/certificates/self-managed/authority-round.ts';
import { authority, dayMs, hourMs, leafDurationMs, madeMs } from './authorities.ts';

const settleMs = 60_000;
/** How late an API server learns of a change of the configuration. */
const lagMs = 30_000;
const replicas = 3;
const numRuns = 60;
/** The shortest that is allowed, so that there are many. */
const authorityDurationMs = 3 * leafDurationMs;

/** One event of a run: what happens, to which replica, and how much time has passed before. */
interface Event {
  readonly kind: 'go_on' | 'restart' | 'lose_secret';
  readonly replica: number;
  readonly afterMs: number;
}

/** Secret and configuration as the API server has them, and the time. Every access is one event, at which others may come. */
class World {
  nowMs = madeMs;
  secret: { readonly version: number; readonly state: AuthorityState } | undefined;
  published: { readonly version: number; readonly trusted: readonly Authority['fingerprint'][] } = {
    version: 0,
    trusted: [],
  };
  readonly known = new Map<string, Authority>();
  readonly #history: { readonly fromMs: number; readonly trusted: readonly string[] }[] = [{ fromMs: 0, trusted: [] }];
  #versions = 0;

  makeAuthority(): Promise<Authority> {
    const dated = authority(`authority ${this.known.size + 1}`, this.nowMs);
    const made = { ...dated, notAfterMs: this.nowMs + authorityDurationMs };
    this.known.set(made.fingerprint, made);
    return Promise.resolve(made);
  }

  /** False when somebody was faster. */
  write(expectedVersion: number | undefined, state: AuthorityState): boolean {
    if (this.secret?.version !== expectedVersion) return false;
    this.#versions += 1;
    this.secret = { version: this.#versions, state };
    return true;
  }

  publish(expectedVersion: number, trusted: readonly string[]): boolean {
    if (this.published.version !== expectedVersion) return false;
    this.#versions += 1;
    this.published = { version: this.#versions, trusted };
    this.#history.push({ fromMs: this.nowMs, trusted });
    return true;
  }

  /** Whether every API server trusts the authority, the latest ones to learn of changes included. */
  isTrustedByAll(fingerprint: string): boolean {
    const current = this.#history.findLastIndex(({ fromMs }) => fromMs <= this.nowMs - lagMs);
    return this.#history.slice(current).every(({ trusted }) => trusted.includes(fingerprint));
  }
}

/** A replica that does what AuthorityRound does, one access to the API after the other. */
class Replica {
  leaf: Leaf | undefined;
  /** Traffic comes to a replica that has been ready for as long as API servers need to learn of it. */
  readySinceMs: number | undefined;
  readonly #world: World;
  readonly #clock = new SettleClock(settleMs);
  #memory: AuthorityState | undefined;
  #missingSinceMs: number | undefined;
  readonly #accesses: AsyncGenerator<void, never>;

  constructor(world: World) {
    this.#world = world;
    this.#accesses = this.#rounds();
  }

  async goOn(): Promise<void> {
    await this.#accesses.next();
  }

  async *#rounds(): AsyncGenerator<void, never> {
    for (;;) {
      yield;
      const read = this.#world.published;
      this.#clock.observe(new Set(read.trusted), this.#world.nowMs);
      const settled = this.#clock.settled(this.#world.nowMs);
      yield;
      const isAgreed = yield* this.#agree(this.#authorities(read.trusted), settled);
      if (this.#memory === undefined) continue;
      yield* this.#publish(read, this.#memory, isAgreed);
      this.#sign(this.#memory.current, settled);
      const isReady = this.leaf !== undefined && this.#world.published.trusted.includes(this.leaf.issuer.fingerprint);
      this.readySinceMs = isReady ? (this.readySinceMs ?? this.#world.nowMs) : undefined;
    }
  }

  async *#agree(published: readonly Authority[], settled: ReadonlySet<string>): AsyncGenerator<void, boolean> {
    const world = this.#world;
    for (;;) {
      const { secret, nowMs } = world;
      this.#missingSinceMs = secret === undefined ? (this.#missingSinceMs ?? nowMs) : undefined;
      const step = findDueStep({
        finding: secret === undefined ? { kind: 'missing' } : { kind: 'state', state: secret.state },
        missingForMs: nowMs - (this.#missingSinceMs ?? nowMs),
        memory: this.#memory,
        issuer: this.leaf?.issuer,
        ...{ published, settled, nowMs },
      });
      if (step.kind === 'none') {
        this.#memory = secret?.state ?? this.#memory;
        return secret !== undefined;
      }
      const makeAuthority = (): Promise<Authority> => world.makeAuthority();
      const state = await nextState(step, { published, leafDurationMs, nowMs, makeAuthority });
      yield;
      if (!world.write(secret?.version, state)) return false;
      yield;
    }
  }

  async *#publish(read: World['published'], state: AuthorityState, isAgreed: boolean): AsyncGenerator<void, void> {
    const ours = trustedBy(state, this.#world.nowMs);
    const all = isAgreed ? ours : distinct([...ours, ...this.#authorities(read.trusted)]);
    const trusted = all.map(({ fingerprint }) => fingerprint);
    if (new Set([...trusted, ...read.trusted]).size === trusted.length && trusted.length === read.trusted.length)
      return;
    yield;
    if (this.#world.publish(read.version, trusted)) this.#clock.observe(new Set(trusted), this.#world.nowMs);
  }

  #sign(current: Authority, settled: ReadonlySet<string>): void {
    const { nowMs } = this.#world;
    const due = findLeafDue({ leaf: this.leaf, current, settled, durationMs: leafDurationMs, nowMs });
    if (due === 'none') return;
    const validity = leafValidity(nowMs, leafDurationMs, current);
    const serving = { certificate: '', key: '', notAfterMs: validity.notAfterMs, fingerprint: '' };
    this.leaf = { serving, validity, issuer: current, renewAtMs: renewalTime(validity, nowMs, 0.5) };
  }

  #authorities(fingerprints: readonly string[]): readonly Authority[] {
    return fingerprints.flatMap(fingerprint => this.#world.known.get(fingerprint) ?? []);
  }
}

/** Most often a few seconds pass between two accesses; now and then a day, in which nothing happens to be due. */
const pause = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 10_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: hourMs, max: dayMs }) },
);
const kinds = fc.oneof(
  { weight: 300, arbitrary: fc.constant('go_on' as const) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
  { weight: 1, arbitrary: fc.constant('lose_secret' as const) },
);
const event: fc.Arbitrary<Event> = fc.record({
  kind: kinds,
  replica: fc.integer({ min: 0, max: replicas - 1 }),
  afterMs: pause,
});

/** Runs the events; gives the authorities that were used and not trusted, and how many were made. */
async function play(
  events: readonly Event[],
): Promise<{ readonly distrusted: readonly string[]; readonly made: number }> {
  const world = new World();
  const running = Array.from({ length: replicas }, () => new Replica(world));
  const distrusted: string[] = [];
  for (const { kind, replica, afterMs } of events) {
    world.nowMs += afterMs;
    if (kind === 'restart') running[replica] = new Replica(world);
    if (kind === 'lose_secret') world.secret = undefined;
    await running[replica]?.goOn();
    for (const { leaf, readySinceMs } of running) {
      const getsTraffic = readySinceMs !== undefined && world.nowMs - readySinceMs > lagMs;
      if (leaf === undefined || !getsTraffic || leaf.validity.notAfterMs <= world.nowMs) continue;
      if (!world.isTrustedByAll(leaf.issuer.fingerprint)) distrusted.push(leaf.issuer.fingerprint);
    }
  }
  return { distrusted, made: world.known.size };
}

test('in whatever order replicas act, start anew and lose the Secret, API servers trust every certificate in use (faults 8, 9, 10)', async () => {
  let made = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 2_000, maxLength: 4_000, size: 'max' }), async events => {
      const result = await play(events);
      made += result.made;
      expect(result.distrusted).toEqual([]);
    }),
    { numRuns, endOnFailure: true },
  );
  // Else there was little to see.
  expect(made).toBeGreaterThan(3 * numRuns);
}, 120_000);
