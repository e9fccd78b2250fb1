import { apiServerDown } from './api-server-down.ts';
import { authorityDeleted } from './authority-deleted.ts';
import { authorityRace } from './authority-race.ts';
import { authorityRotation } from './authority-rotation.ts';
import { beforeSync } from './before-sync.ts';
import { brokenCertificate } from './broken-certificate.ts';
import { certificateRotation } from './certificate-rotation.ts';
import { changedAccount } from './changed-account.ts';
import { expiredWatch } from './expired-watch.ts';
import { freshAccount } from './fresh-account.ts';
import { frozenWatch } from './frozen-watch.ts';
import { keepAliveRace } from './keep-alive-race.ts';
import { killedReplica } from './killed-replica.ts';
import { rollingRestart } from './rolling-restart.ts';
import { sigtermInFlight } from './sigterm-in-flight.ts';
import { slowApiServer } from './slow-api-server.ts';
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
];
