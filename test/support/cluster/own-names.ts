import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isObject, ownObject, ownString } from '../../../src/util/json.ts';
import type { KubernetesClient } from './client.ts';

const ending = '.test.ts';

/**
 * Which of these test files a name of the whole cluster belongs to: the one with whose name, without ending, it begins; of
 * several the longest.
 */
export function ownerOf(name: string, files: readonly string[]): string | undefined {
  const owners = files.filter(file => name === stemOf(file) || name.startsWith(`${stemOf(file)}-`));
  return owners.toSorted((a, b) => b.length - a.length)[0];
}

function stemOf(file: string): string {
  return basename(file, ending);
}

/**
 * The client, which refuses to create a namespace, or another object that the whole cluster shares, whose name does not
 * belong to this test file: two files that share a name pass or fail by their order.
 */
export function withOwnNames(client: KubernetesClient, testPath: string, shared: readonly string[]): KubernetesClient {
  const files = readdirSync(dirname(testPath)).filter(name => name.endsWith(ending));
  return {
    ...client,
    create(path, body, options) {
      const name = nameOf(body);
      const isOwn = ownerOf(name, files) === basename(testPath);
      if (isOfCluster(path) && !isOwn && !shared.includes(name) && options?.dryRun !== true) {
        throw new Error(`${path}: the name "${name}" does not begin with "${stemOf(testPath)}", as this file's own do`);
      }
      return client.create(path, body, options);
    },
  };
}

function nameOf(object: object): string {
  const metadata = isObject(object) ? ownObject(object, 'metadata') : undefined;
  return ownString(metadata ?? {}, 'name') ?? '';
}

function isOfCluster(path: string): boolean {
  return !/\/namespaces\/[^/]+\//.test(path);
}
