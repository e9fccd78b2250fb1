import type { X509Certificate } from 'node:crypto';
import type { HookEntry } from '../cluster/registration.ts';
import { readCertificates, readServingEvidence, type ServingEvidence } from './serving-evidence.ts';
import { failed, ofWebhook, ofWorkload, passed, skipped, warning, type Check, type CheckOutcome } from './check.ts';
import { counted } from '../util/text.ts';

export const caBundle: Check = {
  code: 'ca-bundle',
  group: 'Certificate',
  title: 'every entry has a caBundle with a valid certificate',
  run: ofWebhook(({ hook }, { nowMs }) => judgeBundle(hook.entries, nowMs())),
};

const bundleHint =
  "The webhook writes it at its start, or cert-manager's injector does: look at the log of whichever does it here.";

function judgeBundle(entries: readonly HookEntry[], nowMs: number): CheckOutcome {
  let lastMs = Number.POSITIVE_INFINITY;
  for (const { name, service, caBundle: pem } of entries) {
    // A URL may lead to a server whose certificate the API server's host trusts anyway.
    if (pem === '' && service === undefined) continue;
    if (pem === '') return failed(`${name} has no caBundle: the API server trusts nobody`, bundleHint);
    const certificates = readCertificates(pem);
    if (certificates.length === 0)
      return failed(`${name}: expected certificates in its caBundle, found none`, bundleHint);
    const endMs = Math.max(...certificates.map(({ validToDate }) => validToDate.getTime()));
    if (endMs <= nowMs) return failed(`${name}: the certificates of its caBundle ended on ${dayOf(endMs)}`, bundleHint);
    lastMs = Math.min(lastMs, endMs);
  }
  return passed(Number.isFinite(lastMs) ? `valid until ${dayOf(lastMs)}` : 'none is needed for this URL');
}

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
    return failed(`${outOfSync.pod} serves a certificate that the caBundle does not cover (by its metrics)`, trustHint);
  }
  if (telling.length > 0) return passed(`by the metrics of ${counted(telling.length, 'replica')}`);
  const { secret, reasons } = evidence;
  if (secret === undefined) return skipped(reasons.join('; ') || 'neither metrics nor a Secret tell');
  const what = `Secret ${secret.name}`;
  if (secret.certificates.length === 0) return failed(`expected a certificate in ${what}, found none`, trustHint);
  const distrusting = entries.find(
    ({ caBundle, service }) =>
      !(caBundle === '' && service === undefined) && !isTrusted(secret.certificates, readCertificates(caBundle)),
  );
  if (distrusting === undefined) return passed(`by the certificate in ${what}`);
  return failed(`the caBundle of ${distrusting.name} does not cover the certificate in ${what}`, trustHint);
}

/** Whether one of the authorities has issued a certificate of the chain, or is in it itself. */
function isTrusted(chain: readonly X509Certificate[], authorities: readonly X509Certificate[]): boolean {
  return chain.some(certificate =>
    authorities.some(
      authority =>
        authority.fingerprint256 === certificate.fingerprint256 ||
        (certificate.checkIssued(authority) && certificate.verify(authority.publicKey)),
    ),
  );
}

const trustHint =
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
  const from = ends.length > 0 ? `by the metrics of ${counted(ends.length, 'replica')}` : `by Secret ${secret?.name}`;
  if (ends.length === 0 && served !== undefined) ends.push(served);
  if (ends.length === 0) return skipped(reasons.join('; ') || 'no replica tells in its metrics');
  const endMs = Math.min(...ends);
  const renew = 'Look at the log of the webhook, or at the Certificate of cert-manager, for why it was not renewed.';
  if (endMs <= nowMs) return failed(`it ended on ${dayOf(endMs)} (${from})`, renew);
  if (endMs - nowMs < soonMs) return warning(`it ends within a day (${from})`, renew);
  return passed(`valid until ${dayOf(endMs)}, ${from}`);
}

/** The day of a moment, for a person. */
function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 'YYYY-MM-DD'.length);
}
