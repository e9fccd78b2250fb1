import { dayOf, isTrusted, readCertificates } from './certificates.ts';
import { count, failed, ofWorkload, passed, skipped, warning, type Check, type CheckOutcome } from './check.ts';
import type { HookEntry } from '../cluster/registration.ts';
import { readServingEvidence, type ServingEvidence } from './serving-evidence.ts';

export const certificateTrusted: Check = {
  code: 'certificate-trusted',
  group: 'Certificate',
  title: 'the API server trusts what the webhook serves',
  run: ofWorkload(async (workload, webhook, context) =>
    judgeTrust(webhook.hook.entries, await readServingEvidence(workload, webhook, context)),
  ),
};

/** The replicas know best; else what the Secret holds is held against the caBundle. */
function judgeTrust(entries: readonly HookEntry[], evidence: ServingEvidence): CheckOutcome {
  const telling = evidence.replicas.filter(({ bundleInSync }) => bundleInSync !== undefined);
  const outOfSync = telling.find(({ bundleInSync }) => bundleInSync === false);
  if (outOfSync !== undefined) {
    return failed(`${outOfSync.pod} serves a certificate that the caBundle does not cover (by its metrics)`, hint);
  }
  if (telling.length > 0) return passed(`by the metrics of ${count(telling.length, 'replica')}`);
  const { secret, reasons } = evidence;
  if (secret === undefined) return skipped(reasons.join('; ') || 'neither metrics nor a Secret tell');
  const what = `Secret ${secret.name}`;
  if (secret.certificates.length === 0) return failed(`expected a certificate in ${what}, found none`, hint);
  const distrusting = entries.find(
    ({ caBundle, service }) =>
      !(caBundle === '' && service === undefined) && !isTrusted(secret.certificates, readCertificates(caBundle)),
  );
  if (distrusting === undefined) return passed(`by the certificate in ${what}`);
  return failed(`the caBundle of ${distrusting.name} does not cover the certificate in ${what}`, hint);
}

const hint =
  'Self-managed: look at the log of the webhook, which publishes its authority. cert-manager: look at its injector. ' +
  'Otherwise: set caBundle to the authority that signed the certificate.';

/** Less than this is left only where renewal has failed: ours begins with a third of seven days left. */
const soonMs = 24 * 60 * 60 * 1_000;

export const certificateValid: Check = {
  code: 'certificate-valid',
  group: 'Certificate',
  title: 'the served certificate does not end soon',
  run: ofWorkload(async (workload, webhook, context) =>
    judgeValidity(await readServingEvidence(workload, webhook, context), context.nowMs()),
  ),
};

function judgeValidity({ replicas, secret, reasons }: ServingEvidence, nowMs: number): CheckOutcome {
  const ends = replicas.flatMap(({ notAfterMs }) => notAfterMs ?? []);
  const served = secret?.kind === 'served' ? secret.certificates[0]?.validToDate.getTime() : undefined;
  const from = ends.length > 0 ? `by the metrics of ${count(ends.length, 'replica')}` : `by Secret ${secret?.name}`;
  if (ends.length === 0 && served !== undefined) ends.push(served);
  if (ends.length === 0) return skipped(reasons.join('; ') || 'no replica tells in its metrics');
  const endMs = Math.min(...ends);
  const renew = 'Look at the log of the webhook, or at the Certificate of cert-manager, for why it was not renewed.';
  if (endMs <= nowMs) return failed(`it ended on ${dayOf(endMs)} (${from})`, renew);
  if (endMs - nowMs < soonMs) return warning(`it ends within a day (${from})`, renew);
  return passed(`valid until ${dayOf(endMs)}, ${from}`);
}
