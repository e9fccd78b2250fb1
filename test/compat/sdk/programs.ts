import { hash } from 'node:crypto';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun, run } from '../../e2e/machine/command.ts';
import { runGo } from '../../support/cluster/run-go.ts';
import { cached } from '../cached.ts';

export const sdks = ['boto3', 'javascript', 'go', 'java'] as const;
export type Sdk = (typeof sdks)[number];

/** How the application of an SDK is started, or what this machine lacks for it. */
export type SdkProgram =
  | {
      readonly kind: 'ready';
      readonly command: readonly [string, ...string[]];
      readonly environment: NodeJS.ProcessEnv;
    }
  | { readonly kind: 'unavailable'; readonly detail: string };

const applications = join(import.meta.dirname, '..', '..', 'e2e', 'programs');
const goModule = join(applications, 'go');
const requirements = join(import.meta.dirname, 'python', 'requirements.txt');
const javaProject = join(import.meta.dirname, 'java');
const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

/** Returns the application of an SDK. What it needs is fetched into the cache once, with checksums: up to two minutes. */
export async function prepareSdk(sdk: Sdk): Promise<SdkProgram> {
  for (const tool of tools[sdk]) {
    const { code } = await run(tool[0], tool.slice(1));
    if (code !== 0) return { kind: 'unavailable', detail: `"${tool.join(' ')}" does not succeed on this machine` };
  }
  return prepare[sdk]();
}

/** What has to succeed for an SDK to be tried. */
const tools: { readonly [sdk in Sdk]: readonly (readonly [string, ...string[]])[] } = {
  boto3: [['python3', '-m', 'pip', '--version']],
  javascript: [],
  go: [['go', 'version']],
  java: [
    ['mvn', '--version'],
    ['javac', '--version'],
  ],
};

const prepare: { readonly [sdk in Sdk]: () => Promise<SdkProgram> } = {
  async boto3() {
    const packages = await cached('sdk-boto3', [requirements], async folder => {
      const args = ['--quiet', '--no-deps', '--require-hashes', '--target', folder, '--requirement', requirements];
      await mustRun('python3', ['-m', 'pip', 'install', ...args]);
      return folder;
    });
    // The program itself, since python3 may be a script that needs more variables than an application has.
    const python = (await mustRun('python3', ['-c', 'import sys; print(sys.executable)'])).trim();
    return ready([python, join(applications, 'who-am-i.py')], { PYTHONPATH: packages });
  },
  async javascript() {
    return ready([process.execPath, join(applications, 'who-am-i-program.ts')]);
  },
  async go() {
    const sources = ['go.mod', 'go.sum', 'main.go'].map(name => join(goModule, name));
    const what = 'building an application with the AWS SDK for Go';
    const progress = (line: string): void => void process.stderr.write(`${line}\n`);
    const program = await cached('sdk-go', sources, async folder => {
      const args = ['build', '-trimpath', '-o', join(folder, 'who-am-i')];
      await runGo({ args, folder: goModule, environment: process.env, what, progress });
      return join(folder, 'who-am-i');
    });
    return ready([program]);
  },
  async java() {
    const sources = ['pom.xml', 'jars.sha256', 'WhoAmI.java'].map(name => join(javaProject, name));
    const folder = await cached('sdk-java', sources, fillWithJava);
    // Without the optimizing compiler it starts in half the time.
    return ready(['java', '-XX:TieredStopAtLevel=1', '-cp', `${folder}:${folder}/jars/*`, 'WhoAmI']);
  },
};

function ready(command: readonly [string, ...string[]], environment: NodeJS.ProcessEnv = {}): SdkProgram {
  return { kind: 'ready', command, environment };
}

async function fillWithJava(folder: string): Promise<string> {
  const jars = join(folder, 'jars');
  await mkdir(jars);
  const options = ['--batch-mode', '--quiet', '-f', join(javaProject, 'pom.xml'), `-DoutputDirectory=${jars}`];
  await mustRun('mvn', [...options, `${dependencyPlugin}:copy-dependencies`]);
  await checkJars(jars);
  await mustRun('javac', ['-cp', join(jars, '*'), '-d', folder, join(javaProject, 'WhoAmI.java')]);
  return folder;
}

/** Throws unless the folder has exactly the files that `jars.sha256` names. Maven itself has no lock file. */
async function checkJars(folder: string): Promise<void> {
  const expected = await readFile(join(javaProject, 'jars.sha256'), 'utf8');
  let found = '';
  for (const name of (await readdir(folder)).toSorted()) {
    found += `${hash('sha256', await readFile(join(folder, name)))}  ${name}\n`;
  }
  if (found !== expected) throw new Error(`the jars from Maven are not those of jars.sha256:\n${found}`);
}
