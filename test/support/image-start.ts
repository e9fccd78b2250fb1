import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How the image starts Node.js. */
export interface ImageStart {
  readonly nodeFlags: readonly string[];
  /** What makes the C library take less memory. */
  readonly environment: { readonly [name: string]: string };
}

/** The environment of a process that is to run as in the image, with more flags of Node.js. */
export function imageEnvironment(...moreFlags: readonly string[]): { readonly [name: string]: string } {
  const { nodeFlags, environment } = readImageStart();
  return { ...environment, NODE_OPTIONS: [...nodeFlags, ...moreFlags].join(' ') };
}

const dockerfile = join(import.meta.dirname, '..', '..', 'Dockerfile');

/** Reads it from the Dockerfile, so that what is measured is what runs in a cluster. Throws when it is not there. */
export function readImageStart(): ImageStart {
  const text = readFileSync(dockerfile, 'utf8');
  const flag = /#!\/nodejs\/bin\/node (--[\w=-]+)\\n/.exec(text)?.[1];
  const [, name, value] = /^ENV (MALLOC_\w+)=(\w+)$/m.exec(text) ?? [];
  if (flag === undefined || name === undefined || value === undefined) {
    throw new Error(`expected a flag of Node.js and ENV MALLOC_… in ${dockerfile}, found none`);
  }
  return { nodeFlags: [flag], environment: { [name]: value } };
}
