import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { listAt, textAt, type JsonObject } from '../../../src/util/json.ts';
import type { SdkProgram } from './programs.ts';
import type { Surroundings } from './surroundings.ts';

const timeoutMs = 60_000;

/** Where the chain of an SDK ended. */
export interface ChainEnd {
  /** The last name of the bearer's ARN without the session; `error` when the SDK found no credentials, or none that serve. */
  readonly bearer: string;
  readonly log: string;
}

/** Runs an application as the only container of a pod: with the variables and the tokens that the kubelet would give it. */
export async function runContainer(
  pod: JsonObject,
  home: string,
  program: Extract<SdkProgram, { readonly kind: 'ready' }>,
  { environment, tokens }: Surroundings,
): Promise<ChainEnd> {
  const [container] = listAt(pod, 'spec', 'containers');
  await projectTokens(pod, container, tokens);
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    ...program.environment,
    ...environment,
    ...variablesOf(container),
  };
  const [command, ...args] = program.command;
  return new Promise(resolve => {
    execFile(command, args, { env, cwd: home, timeout: timeoutMs }, (error, stdout, stderr) => {
      const bearer = error === null ? /:(?:user|assumed-role)\/([\w-]+)/.exec(stdout)?.[1] : undefined;
      resolve({ bearer: bearer ?? 'error', log: `${stdout}${stderr}` });
    });
  });
}

/** Literals only: all else in these pods comes from an optional Secret that does not exist. */
function variablesOf(container: unknown): { readonly [name: string]: string } {
  const entries = listAt(container, 'env').flatMap(variable => {
    const value = textAt(variable, 'value');
    return value === undefined ? [] : [[textAt(variable, 'name') ?? '', value]];
  });
  return Object.fromEntries(entries);
}

/** Writes the token of each projected volume that the container mounts. */
async function projectTokens(pod: JsonObject, container: unknown, tokens: Surroundings['tokens']): Promise<void> {
  for (const mount of listAt(container, 'volumeMounts')) {
    const volume = listAt(pod, 'spec', 'volumes').find(volume => textAt(volume, 'name') === textAt(mount, 'name'));
    for (const source of listAt(volume, 'projected', 'sources')) {
      const path = join(textAt(mount, 'mountPath') ?? '', textAt(source, 'serviceAccountToken', 'path') ?? '');
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, tokens.get(textAt(source, 'serviceAccountToken', 'audience') ?? '') ?? '');
    }
  }
}
