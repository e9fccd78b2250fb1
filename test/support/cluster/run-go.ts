import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const progressIntervalMs = 10_000;
const errorLines = 20;

export interface GoRun {
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** What is done, as it reads before ": 40 s". */
  readonly what: string;
  readonly progress: (line: string) => void;
}

/**
 * Runs a `go` command and gives what it prints. While it runs, a line every ten seconds says so; the hundreds of
 * "downloading" lines become a count. Throws with the last lines of its error output when it fails.
 */
export async function runGo({ args, folder, environment, what, progress }: GoRun): Promise<string> {
  const started = performance.now();
  const errors: string[] = [];
  let downloads = 0;
  const report = (): void => {
    const elapsed = Math.round((performance.now() - started) / 1000);
    progress(`  ${what}: ${elapsed} s${downloads > 0 ? `, ${downloads} modules downloaded` : ''}`);
  };

  // No workspace of a folder above may mix in its own module versions.
  const env = { ...environment, CGO_ENABLED: '0', GOWORK: 'off' };
  const child = spawn('go', args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  createInterface({ input: child.stderr }).on('line', line => {
    if (line.startsWith('go: downloading')) downloads += 1;
    else errors.push(line);
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const timer = setInterval(report, progressIntervalMs);
  try {
    const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
    if (code !== 0) throw new Error(`go ${args[0]} failed in ${folder}:\n${errors.slice(-errorLines).join('\n')}`);
    return output;
  } finally {
    clearInterval(timer);
  }
}
