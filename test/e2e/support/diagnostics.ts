import { beforeEach } from 'vitest';
import { report } from './report.ts';

// While everything is still there: a test removes its namespace only after this.
beforeEach(({ task, onTestFailed }) => {
  onTestFailed(() => report(task.name, task.result?.errors ?? []));
});
