import { main } from './main.ts';

/** The entry of the program, and the only place that touches the process. */
process.exitCode = await main(process.argv.slice(2), {
  environment: process.env,
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
