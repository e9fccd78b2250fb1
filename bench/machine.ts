import { cpus, release, totalmem, type } from 'node:os';

/** For example `AMD EPYC, 2 cores, 24 GiB, Linux 6.1.0, Node.js 26.10.0`. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${model}, ${cpus().length} cores, ${memory}, ${type()} ${release()}, Node.js ${process.versions.node}`;
}
