/**
 * What to say where the running Node.js is older than the one that `engines` of package.json asks for, such as ">=24.12.0";
 * undefined where it is not. Major and minor decide.
 */
export function describeOldNode(running: string, engines: string): string | undefined {
  const needed = engines.replace('>=', '');
  const [major = 0, minor = 0] = readNumbers(running);
  const [neededMajor = 0, neededMinor = 0] = readNumbers(needed);
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return undefined;
  return `irsa needs Node.js ${neededMajor}.${neededMinor} or newer; this is ${running}`;
}

function readNumbers(version: string): readonly number[] {
  return version.split('.').map(Number);
}
