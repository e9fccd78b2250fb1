import type { TrustGrant } from '../../oidc/trust-policy.ts';
import type { CommandIo } from '../command-io.ts';
import { CommandFailure } from '../common/command-failure.ts';
import { openCluster } from '../../cluster/open-cluster.ts';
import { clusterAccess } from '../common/cluster-command.ts';
import { readAnnotatedAccounts, readClusterIssuer, type AnnotatedAccount } from './read-annotated-accounts.ts';
import { parseTrustedAccount, trustProviders, type TrustOptions } from './trust-options.ts';

/** Who may assume one role. */
export interface RoleTrust {
  /** Undefined where ServiceAccounts are named and the role is not. */
  readonly roleArn: string | undefined;
  readonly grants: readonly TrustGrant[];
}

const defaultAudience = 'sts.amazonaws.com';

/** The trust of each role that the options ask for, by ARN. Rejects with CommandFailure, OidcError or KubernetesError. */
export async function findTrusts(options: TrustOptions, io: CommandIo): Promise<readonly RoleTrust[]> {
  if (options.fromCluster === true) return findClusterTrusts(options, io);
  const [roleArn] = options.role ?? [];
  const serviceAccounts = (options.serviceAccount ?? []).map(parseTrustedAccount);
  const providers = trustProviders(options, options.issuer ?? [], roleArn);
  return [{ roleArn, grants: [{ providers, audiences: options.audience ?? [defaultAudience], serviceAccounts }] }];
}

async function findClusterTrusts(options: TrustOptions, io: CommandIo): Promise<readonly RoleTrust[]> {
  const cluster = await openCluster(clusterAccess(options), io.environment);
  const accounts = await readAnnotatedAccounts(cluster, options, io);
  const byRole = Map.groupBy(accounts, ({ roleArn }) => roleArn);
  const wanted = options.role ?? [...byRole.keys()].toSorted();
  const isNamed = options.providerArn !== undefined || options.issuer !== undefined;
  const issuers = isNamed ? (options.issuer ?? []) : [await readClusterIssuer(cluster)];
  if (wanted.length === 0) {
    throw new CommandFailure(`${cluster.server}: expected ServiceAccounts with a role, found none`);
  }
  return wanted.map(roleArn => {
    const ofRole = byRole.get(roleArn);
    if (ofRole !== undefined) return { roleArn, grants: grantsOf(ofRole, options, issuers) };
    throw new CommandFailure(`${cluster.server}: expected ServiceAccounts with the role ${roleArn}, found none`);
  });
}

/** ServiceAccounts whose tokens have the same audience stand together. */
function grantsOf(
  accounts: readonly AnnotatedAccount[],
  options: TrustOptions,
  issuers: readonly string[],
): readonly TrustGrant[] {
  const roleArn = accounts[0]?.roleArn ?? '';
  const providers = trustProviders(options, issuers, roleArn);
  if (options.audience !== undefined) return [{ providers, audiences: options.audience, serviceAccounts: accounts }];
  return [...Map.groupBy(accounts, ({ audience }) => audience)].map(([audience, serviceAccounts]) => ({
    providers,
    audiences: [audience],
    serviceAccounts,
  }));
}
