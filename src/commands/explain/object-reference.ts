import { usageFailure } from '../common/command-failure.ts';
import { quote } from '../../util/text.ts';

/** An object of the cluster that makes pods, is one, or gives them their account. */
export interface ObjectReference {
  readonly kind: string;
  /** The list in a namespace, for example `apps/v1` and `deployments`; undefined for the core group. */
  readonly groupVersion: string | undefined;
  readonly resource: string;
  readonly name: string;
}

interface KnownKind {
  readonly kind: string;
  readonly groupVersion: string | undefined;
  readonly resource: string;
  /** As kubectl has them, beside kind and resource. */
  readonly short: string;
}

const knownKinds: readonly KnownKind[] = [
  { kind: 'Pod', groupVersion: undefined, resource: 'pods', short: 'po' },
  { kind: 'Deployment', groupVersion: 'apps/v1', resource: 'deployments', short: 'deploy' },
  { kind: 'StatefulSet', groupVersion: 'apps/v1', resource: 'statefulsets', short: 'sts' },
  { kind: 'DaemonSet', groupVersion: 'apps/v1', resource: 'daemonsets', short: 'ds' },
  { kind: 'ReplicaSet', groupVersion: 'apps/v1', resource: 'replicasets', short: 'rs' },
  { kind: 'Job', groupVersion: 'batch/v1', resource: 'jobs', short: 'job' },
  { kind: 'CronJob', groupVersion: 'batch/v1', resource: 'cronjobs', short: 'cj' },
  { kind: 'ServiceAccount', groupVersion: undefined, resource: 'serviceaccounts', short: 'sa' },
];

/** Reads `pod/NAME` and its like. Throws CommandFailure. */
export function parseObjectReference(text: string): ObjectReference {
  const [written = '', name, ...rest] = text.split('/');
  if (name === undefined || name === '' || rest.length > 0) {
    throw usageFailure(`expected KIND/NAME such as pod/web-0, found ${quote(text)}`);
  }
  const wanted = written.toLowerCase();
  const known = knownKinds.find(({ kind, resource, short }) => [kind.toLowerCase(), resource, short].includes(wanted));
  if (known === undefined) {
    const kinds = knownKinds.map(({ kind }) => kind.toLowerCase()).join(', ');
    throw usageFailure(`expected one of ${kinds} before the slash, found ${quote(written)}`);
  }
  const { kind, groupVersion, resource } = known;
  return { kind, groupVersion, resource, name };
}
