import type { Attack } from '../support/attack-program.ts';

/** What somebody does who reaches the ports of the webhook. */
export interface DirectAttack {
  readonly name: string;
  readonly attacks: readonly Attack[];
  /** Of the pods of others, see `BystanderData`; those that have to be read first where reads are what is attacked. */
  readonly accounts?: readonly string[];
}

/** One that is known. */
export interface KnownAttack extends DirectAttack {
  /** What the webhook has to count as refused, by reason. */
  readonly refused: readonly string[];
}

const fromFour = { addresses: 4, names: 1 } as const;
const ordinary = { kind: 'pod', namespace: 'attacker', account: 'app' } as const;
const longest = { ...ordinary, account: 'longest' } as const;
const tooLong = { ...ordinary, account: 'long' } as const;

const chunksOfOneByte: Attack = {
  ...{ kind: 'reviews', connections: 8, ...fromFour, reading: 'fast' },
  framing: { kind: 'chunks', bytes: 1 },
  body: { kind: 'endless' },
};

/** Just short enough not to count as a large body. */
const recordsOfOneByte: Attack = {
  ...{ kind: 'reviews', connections: 200, ...fromFour, reading: 'fast' },
  framing: { kind: 'records', bytes: 1 },
  body: { kind: 'spaces', bytes: 65_000 },
};

const largeAnswers: readonly Attack[] = [
  {
    ...{ kind: 'reviews', connections: 40, ...fromFour, reading: 'fast' },
    framing: { kind: 'length' },
    body: { ...tooLong, containers: 1_500 },
  },
  {
    ...{ kind: 'reviews', connections: 100, ...fromFour, reading: 'fast' },
    framing: { kind: 'length' },
    body: { ...ordinary, containers: 3_900 },
  },
  {
    ...{ kind: 'reviews', connections: 20, ...fromFour, reading: 'fast' },
    framing: { kind: 'length' },
    body: { ...longest, containers: 4_000 },
  },
];

const unreadAnswers: readonly Attack[] = [
  {
    ...{ kind: 'reviews', connections: 40, ...fromFour, reading: 'none' },
    framing: { kind: 'length' },
    body: { ...tooLong, containers: 3_900 },
  },
  {
    ...{ kind: 'reviews', connections: 40, ...fromFour, reading: 'none' },
    framing: { kind: 'length' },
    body: { ...longest, containers: 3_900 },
  },
  {
    ...{ kind: 'reviews', connections: 20, ...fromFour, reading: 'slow' },
    framing: { kind: 'length' },
    body: { ...longest, containers: 3_900 },
  },
];

const idleProbes: readonly Attack[] = [
  { kind: 'idle', port: 'metrics', connections: 64, addresses: 1, stayMs: 0, everyMs: 60_000 },
  { kind: 'idle', port: 'metrics', connections: 500, addresses: 20, stayMs: 0, everyMs: 60_000 },
];

const pipelined: Attack = { kind: 'pipelined', connections: 12, followers: ['garbage', 'review', 'many-reviews'] };

const unknownNames: Attack = {
  ...{ kind: 'reviews', connections: 900, addresses: 30, reading: 'fast', names: 1_000_000 },
  framing: { kind: 'length' },
  body: { kind: 'pod', containers: 1, namespace: 'attacker', account: 'unknown-#' },
};

const roleless: Attack = {
  ...{ kind: 'reviews', connections: 50, ...fromFour, reading: 'fast' },
  framing: { kind: 'length' },
  body: { kind: 'pod', containers: 1, namespace: 'attacker', account: 'plain' },
};

const comingAndGoing: Attack = {
  ...{ kind: 'idle', port: 'tls', connections: 2_000, addresses: 8 },
  ...{ stayMs: 10_000, everyMs: 60_000 },
};

const mixed: readonly Attack[] = [
  { ...chunksOfOneByte, connections: 1 },
  { ...recordsOfOneByte, connections: 20 },
  ...largeAnswers.map(attack => ({ ...attack, connections: 20 })),
  ...unreadAnswers.map(attack => ({ ...attack, connections: 10 })),
  ...idleProbes.map(attack => ({ ...attack, connections: 100 })),
  pipelined,
  { ...unknownNames, connections: 100 },
  roleless,
  { ...comingAndGoing, connections: 300 },
];

export const directAttacks: readonly KnownAttack[] = [
  {
    name: 'bodies in pieces of one byte (E151)',
    attacks: [chunksOfOneByte, recordsOfOneByte],
    refused: ['pieces'],
  },
  { name: 'reviews whose answers are large (E152)', attacks: largeAnswers, refused: ['answer_bytes'] },
  { name: 'reviews whose answers it does not read (E153)', attacks: unreadAnswers, refused: ['answer_not_taken'] },
  {
    name: 'little on many connections to both ports (E154)',
    attacks: [...idleProbes, comingAndGoing],
    refused: ['connections'],
  },
  { name: 'requests behind requests (E155)', attacks: [pipelined], refused: ['pipelined'] },
  {
    name: 'pods of accounts that nobody knows (E156)',
    attacks: [unknownNames],
    accounts: ['fresh-#'],
    refused: [],
  },
  {
    name: 'pods of an account without a role (E157)',
    attacks: [roleless],
    accounts: ['late-#'],
    refused: ['rechecks'],
  },
  { name: 'all of these at once (E158)', attacks: mixed, accounts: ['app', 'fresh-#'], refused: [] },
];
