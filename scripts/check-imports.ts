/** Compares the imports of `src/` with the table of `scripts/imports/may-import.ts`. Fails when there is a problem. */
import { checkSource } from './imports/check-source.ts';

const problems = checkSource();
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
