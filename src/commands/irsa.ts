import { main } from './main.ts';

/** A reader of standard output that is stuck keeps the process no longer than this. */
const lingerMs = 1_000;

/** The entry of the program, and the only place that touches the process. */
process.exitCode = await main(process.argv.slice(2), {
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
// Does not itself keep the process: where nothing is left to be written it ends at once.
setTimeout(() => process.exit(), lingerMs).unref();
