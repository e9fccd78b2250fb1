import { apiServerDown } from './api-server-down.ts';
import { authorityDeleted } from './authority-deleted.ts';
import { authorityRace } from './authority-race.ts';
import { authorityRotation } from './authority-rotation.ts';
import { beforeSync } from './before-sync.ts';
import { blockedOutput } from './blocked-output.ts';
import { brokenCertificate } from './broken-certificate.ts';
import { certificateRotation } from './certificate-rotation.ts';
import { changedAccount } from './changed-account.ts';
import { coldStart } from './cold-start.ts';
import { endlessBody } from './endless-body.ts';
import { expiredWatch } from './expired-watch.ts';
import { freshAccount } from './fresh-account.ts';
import { frozenWatch } from './frozen-watch.ts';
import { keepAliveRace } from './keep-alive-race.ts';
import { hostileCallers } from './hostile-callers.ts';
import { hostileMadeUp } from './hostile-made-up.ts';
import { hostileTenant } from './hostile-tenant.ts';
import { killedReplica } from './killed-replica.ts';
import { largeReview } from './large-review.ts';
import { littleMemory } from './little-memory.ts';
import { malformedReview } from './malformed-review.ts';
import { reinvocation } from './reinvocation.ts';
import { rollingRestart } from './rolling-restart.ts';
import { rotatedCredentials } from './rotated-credentials.ts';
import { sigtermInFlight } from './sigterm-in-flight.ts';
import { slowApiServer } from './slow-api-server.ts';
import { slowClientsCut } from './slow-clients.ts';
import { soak } from './soak.ts';
import { stoppedProcess } from './stopped-process.ts';
import { upgradeFromPrevious } from './upgrade.ts';
import type { Fault } from './support/fault.ts';

/** In the order of their rows. */
export const allFaults: readonly Fault[] = [
  rollingRestart,
  sigtermInFlight,
  killedReplica,
  beforeSync,
  keepAliveRace,
  certificateRotation,
  brokenCertificate,
  authorityRotation,
  authorityDeleted,
  authorityRace,
  apiServerDown,
  expiredWatch,
  frozenWatch,
  slowApiServer,
  freshAccount,
  changedAccount,
  malformedReview,
  endlessBody,
  slowClientsCut,
  largeReview,
  littleMemory,
  stoppedProcess,
  blockedOutput,
  rotatedCredentials,
  coldStart,
  reinvocation,
  soak,
  upgradeFromPrevious,
  hostileCallers,
  hostileTenant,
  hostileMadeUp,
];
