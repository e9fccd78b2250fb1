import { main } from './main.ts';

/** A reader of the webhook's log that is stuck keeps its process no longer than this. */
const lingerMs = 1_000;

const argv = process.argv.slice(2);

/** The entry of the program, and the only place that touches the process. */
process.exitCode = await main(argv, {
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  process: {
    onTermination(listener) {
      process.on('SIGTERM', listener).on('SIGINT', listener);
    },
    onUncaught(listener) {
      process.on('uncaughtException', listener);
    },
    exit: code => process.exit(code),
  },
});
// Does not itself keep the process: where nothing is left to be written it ends at once. A command's result is waited for,
// as long as its reader takes.
if (argv[0] === 'serve') setTimeout(() => process.exit(), lingerMs).unref();
