import type { Decision } from '../../src/admission/answer.ts';

/** The decision on a pod that was mutated, but for what a test says. */
export function decisionWith(changes: Partial<Decision> = {}): Decision {
  return {
    outcome: 'mutated',
    reason: 'identity_injected',
    cause: 'identity_injected',
    detail: 'role arn:aws:iam::111122223333:role/app from service_account',
    hook: 'default',
    uid: '0f9c2b1e',
    dryRun: false,
    namespace: 'ns',
    pod: 'app-*',
    serviceAccount: 'app',
    method: 'web_identity',
    role: 'arn:aws:iam::111122223333:role/app',
    outcomes: [],
    notices: [],
    containersInjected: 1,
    containersSkipped: [],
    ...changes,
  };
}
