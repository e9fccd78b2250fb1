/** What the files of one room of `src/` may import besides each other. Type imports count. */
export interface Room {
  readonly name: string;
  /** Rooms that stand above it in the table. */
  readonly rooms: readonly string[] | 'all above';
  /** Rooms above it of which only types may be imported. */
  readonly typesOf?: readonly string[];
  /** Modules of Node.js, without `node:`. */
  readonly node?: readonly string[];
  /** Packages of npm, with all their files. */
  readonly packages?: readonly string[];
  /** Files of the repository outside of `src/`. */
  readonly files?: readonly string[];
  /** It has no client, no logger and no clock: `.oxlintrc.json` forbids it the globals that give one. */
  readonly isPure?: true;
  /** The reason for packages, files and type imports; none is allowed without one. */
  readonly because?: string;
}

/** All rooms from the bottom up. A room imports only what stands above it here, so rooms form no circle. */
export const mayImport: readonly Room[] = [
  { name: 'util', rooms: [], node: ['fs'], because: 'sources and certificates follow files by one watch of folders' },
  { name: 'go', rooms: ['util'], isPure: true },
  {
    name: 'identity',
    rooms: ['util', 'go'],
    isPure: true,
    packages: ['zod'],
    because: 'zod parses documents people write',
  },
  { name: 'injection', rooms: ['util', 'go', 'identity'], isPure: true },
  { name: 'admission', rooms: ['util', 'identity', 'injection'], isPure: true },
  {
    name: 'kubernetes',
    rooms: ['util'],
    node: ['crypto', 'fs/promises', 'http', 'https', 'net', 'stream', 'tls'],
    packages: ['@kubernetes/client-node'],
    because: 'the client library is loaded only for a kubeconfig',
  },
  {
    name: 'sources',
    rooms: ['util', 'identity', 'admission', 'kubernetes'],
    node: ['fs/promises', 'path'],
    packages: ['@aws-sdk/ec2-metadata-service', '@aws-sdk/util-endpoints'],
    because: 'account and partition come from the instance and from the region',
  },
  {
    name: 'certificates',
    rooms: ['util', 'kubernetes'],
    node: ['crypto', 'fs/promises', 'path', 'tls'],
    packages: ['@peculiar/x509', 'reflect-metadata'],
    because: 'Node.js cannot issue certificates; the X.509 library needs reflect-metadata',
  },
  {
    name: 'server',
    rooms: ['util', 'go', 'admission', 'certificates'],
    node: ['crypto', 'events', 'http', 'https', 'net', 'stream', 'timers/promises', 'tls'],
    packages: ['fastify'],
    because: 'fastify is used nowhere else',
  },
  {
    name: 'observability',
    rooms: ['util'],
    typesOf: ['admission', 'kubernetes', 'sources', 'certificates', 'server'],
    node: ['stream', 'timers/promises'],
    packages: ['@prometheus-io/client', 'pino'],
    because: 'log and metrics libraries are used nowhere else; observer types belong to those who are observed',
  },
  { name: 'configuration', rooms: ['util', 'go', 'identity', 'injection'], node: ['net'] },
  {
    name: 'manifests',
    rooms: ['util', 'injection'],
    node: ['util'],
    packages: ['fast-json-patch', 'yaml'],
    because: 'YAML is read with its lines, and patched as the API server patches',
  },
  {
    name: 'oidc',
    rooms: ['util', 'go'],
    node: ['crypto', 'fs/promises', 'http', 'https', 'path', 'tls'],
    packages: ['jose'],
    because: 'jose converts keys and verifies tokens',
  },
  {
    name: 'cluster',
    rooms: ['util', 'identity', 'admission', 'kubernetes', 'configuration', 'oidc'],
    node: ['fs/promises', 'path'],
  },
  { name: 'comparison', rooms: ['util', 'go', 'identity', 'injection', 'admission'], isPure: true },
  { name: 'explanation', rooms: ['util', 'identity', 'injection', 'admission', 'comparison'], isPure: true },
  {
    name: 'audit',
    rooms: ['util', 'identity', 'injection', 'admission', 'comparison'],
    node: ['crypto'],
  },
  {
    name: 'checks',
    rooms: ['util', 'identity', 'admission', 'kubernetes', 'configuration', 'oidc', 'cluster'],
    node: ['crypto'],
  },
  { name: 'terminal', rooms: ['util'], node: ['stream', 'util'] },
  {
    name: 'commands',
    rooms: 'all above',
    node: ['fs/promises', 'os', 'path', 'stream', 'v8', 'vm'],
    packages: ['@commander-js/extra-typings', 'yaml'],
    files: ['package.json'],
    because: 'commander parses command lines, yaml the files they name; package.json has the version',
  },
];
