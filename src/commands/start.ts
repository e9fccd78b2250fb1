// The first file of the built program. It loads the rest only on a Node.js that can run it: an older one would fail somewhere
// in the middle, or do half of what was asked for. So nothing is imported before, and it is built for any Node.js.
import packageJson from '../../package.json' with { type: 'json' };
import { exitCodes } from './command-io.ts';
import { describeOldNode } from './needed-node.ts';

const problem = describeOldNode(process.versions.node, packageJson.engines.node);
// The program sets its own when it is done. One that ends before, waiting for what never comes, has failed.
process.exitCode = exitCodes.failed;
if (problem === undefined) void import('./irsa.ts');
else process.stderr.write(`${problem}\n`);
