import type { IdentityDefaults } from '../../identity/defaults.ts';
import type { DebuggingHandlers } from '../../server/operations-app.ts';
import type { IdentitySources } from '../../sources/identity-sources.ts';

type SettingDefaults = Pick<IdentityDefaults, 'audience' | 'regionalSts' | 'expirationSeconds'>;

/**
 * What `--enable-debugging-handlers` shows: the annotated ServiceAccounts in the AWS webhook's form. Clearing reads them
 * anew instead of forgetting them: an empty cache would leave pods without identity there (E176).
 */
export function createDebuggingHandlers(sources: IdentitySources, defaults: SettingDefaults): DebuggingHandlers {
  return {
    dumpCache: () => dump(sources, defaults),
    clearCache: () => sources.relist(),
  };
}

function dump(sources: IdentitySources, defaults: SettingDefaults): unknown {
  const accounts = [...sources.annotatedAccounts()].map(([key, facts]) => [
    key,
    {
      RoleARN: facts.roleArn,
      Audience: facts.audience ?? defaults.audience,
      UseRegionalSTS: facts.regionalSts ?? defaults.regionalSts,
      TokenExpiration: facts.expirationSeconds ?? defaults.expirationSeconds,
    },
  ]);
  return Object.fromEntries(accounts);
}
