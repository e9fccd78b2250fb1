import { failed, ofWebhook, passed, type Check, type CheckOutcome } from './check.ts';
import { dayOf, readCertificates } from './certificates.ts';
import type { HookEntry } from '../cluster/registration.ts';

export const caBundle: Check = {
  code: 'ca-bundle',
  group: 'Certificate',
  title: 'every entry has a caBundle with a valid certificate',
  run: ofWebhook(({ hook }, { nowMs }) => judgeBundle(hook.entries, nowMs())),
};

const hint =
  "The webhook writes it at its start, or cert-manager's injector does: look at the log of whichever does it here.";

function judgeBundle(entries: readonly HookEntry[], nowMs: number): CheckOutcome {
  let lastMs = Number.POSITIVE_INFINITY;
  for (const { name, service, caBundle: pem } of entries) {
    // A URL may lead to a server whose certificate the API server's host trusts anyway.
    if (pem === '' && service === undefined) continue;
    if (pem === '') return failed(`${name} has no caBundle: the API server trusts nobody`, hint);
    const certificates = readCertificates(pem);
    if (certificates.length === 0) return failed(`${name}: expected certificates in its caBundle, found none`, hint);
    const endMs = Math.max(...certificates.map(({ validToDate }) => validToDate.getTime()));
    if (endMs <= nowMs) return failed(`${name}: the certificates of its caBundle ended on ${dayOf(endMs)}`, hint);
    lastMs = Math.min(lastMs, endMs);
  }
  return passed(Number.isFinite(lastMs) ? `valid until ${dayOf(lastMs)}` : 'none is needed for this URL');
}
