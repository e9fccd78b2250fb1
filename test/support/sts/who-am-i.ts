import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createTempFolder } from '../temp-folder.ts';

/** What the AWS SDK says of itself: who it is, or why not. */
export type CallerIdentity =
  | { readonly kind: 'identified'; readonly account: string; readonly arn: string; readonly userId: string }
  | { readonly kind: 'refused'; readonly name: string; readonly message: string };

const program = fileURLToPath(new URL('who-am-i-program.ts', import.meta.url));

/**
 * Asks the real AWS SDK who it is, through its default provider chain, in a process that has these variables and no others
 * but HOME, an empty folder, so that nobody's own `~/.aws` takes part.
 */
export async function whoAmI(environment: { readonly [name: string]: string }): Promise<CallerIdentity> {
  await using home = await createTempFolder();
  const env = { HOME: home.path, ...environment };
  const { stdout, error } = await new Promise<{ stdout: string; error: Error | null }>(resolve => {
    execFile(process.execPath, [program], { env, timeout: 60_000 }, (error, stdout) => resolve({ stdout, error }));
  });
  if (error !== null) throw new Error(`${program} failed: ${error.message}`, { cause: error });
  return JSON.parse(stdout);
}
