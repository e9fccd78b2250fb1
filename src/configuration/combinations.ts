import { formatDuration } from '../go/duration.ts';
import { composeRoleArnRows } from './identity-settings.ts';
import { servingRows } from './serving-settings.ts';
import type { Read, Setting } from './setting.ts';
import { certificates, inCluster, selfManagedRows } from './tls-settings.ts';

const { authorityDurationMs, certificateDurationMs } = selfManagedRows;
const { port, address, metricsPort, metricsAddress, maxBodyBytes, maxBytesInFlight } = servingRows;
const { enabled: composeRoleArn, accountId, partition } = composeRoleArnRows;

/** A rule about settings that are right each for itself. */
interface Rule {
  /** All that the rule reads; it is not applied when one of them has a problem of its own. */
  readonly settings: readonly Setting<unknown>[];
  /** What is wrong, or nothing. */
  find(read: Read): string | undefined;
}

const problemRules: readonly Rule[] = [
  { settings: [certificates, inCluster], find: certificateApi },
  { settings: [certificates, authorityDurationMs, certificateDurationMs], find: authorityTooShort },
  { settings: [port, address, metricsPort, metricsAddress], find: samePort },
  { settings: [maxBodyBytes, maxBytesInFlight], find: bodyNeverFits },
];

const noticeRules: readonly Rule[] = [{ settings: [composeRoleArn, accountId, partition], find: unusedArnParts }];

/** Why the server cannot start with these settings. */
export function findCombinationProblems(read: Read, invalid: ReadonlySet<string>): readonly string[] {
  return apply(problemRules, read, invalid);
}

/** What the settings together do not do, although it looks as if. */
export function findCombinationNotices(read: Read, invalid: ReadonlySet<string>): readonly string[] {
  return apply(noticeRules, read, invalid);
}

function apply(rules: readonly Rule[], read: Read, invalid: ReadonlySet<string>): readonly string[] {
  return rules
    .filter(rule => !rule.settings.some(setting => invalid.has(setting.name)))
    .flatMap(rule => rule.find(read) ?? []);
}

/**
 * The signer that the AWS webhook asks, `kubernetes.io/legacy-unknown`, is refused by the only version of the API that is
 * left. https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
 */
function certificateApi(read: Read): string | undefined {
  if (!read(inCluster) || read(certificates) === 'self-managed') return undefined;
  return (
    '--in-cluster is true, its default: it asks for a certificate by the signer kubernetes.io/legacy-unknown, which ' +
    'Kubernetes refuses since 1.22. Use --in-cluster=false --tls-cert=FILE --tls-key=FILE, for example with a certificate ' +
    'from cert-manager; or --certificates=self-managed'
  );
}

/** The next authority comes when a third is left, and what the old one has signed must end before it does. */
function authorityTooShort(read: Read): string | undefined {
  const [authority, certificate] = [read(authorityDurationMs), read(certificateDurationMs)];
  if (read(certificates) === 'files' || certificate <= authority / 3) return undefined;
  return (
    `--certificate-duration is ${formatDuration(certificate)}, more than a third of --ca-duration ` +
    `${formatDuration(authority)}: the authority could not be replaced in time`
  );
}

function samePort(read: Read): string | undefined {
  const number = read(port);
  if (number === 0 || number !== read(metricsPort)) return undefined;
  const [first, second] = [read(address), read(metricsAddress)];
  if (first !== second && !coversAll(first) && !coversAll(second)) return undefined;
  return `--port and --metrics-port are both ${number}: two listeners cannot share a port of one address`;
}

function coversAll(address: string | undefined): boolean {
  return address === undefined || address === '::' || address === '0.0.0.0';
}

function bodyNeverFits(read: Read): string | undefined {
  const [body, inFlight] = [read(maxBodyBytes), read(maxBytesInFlight)];
  if (body <= inFlight) return undefined;
  return `--max-bytes-in-flight is ${inFlight}, less than --max-body-bytes ${body}: the largest review would never be read`;
}

function unusedArnParts(read: Read): string | undefined {
  if (read(composeRoleArn) || (read(accountId) === undefined && read(partition) === undefined)) return undefined;
  return '--account-id and --partition have no effect without --compose-role-arn';
}
