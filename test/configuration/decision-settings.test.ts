import { describe, expect, test } from 'vitest';
import { readDecisionSettings } from '../../src/configuration/resolved-settings.ts';

const flag = new Map([['token-audience', { text: 'flag', label: '--token-audience' }]]);
const environment = { IRSA_TOKEN_AUDIENCE: 'variable' };
const installed = new Map([['token-audience', { text: 'installed', label: '--token-audience of Deployment a/b' }]]);
const none = new Map<string, never>();

describe('readDecisionSettings()', () => {
  test.each([
    ['a flag before all', flag, environment, installed, 'flag', 'flag', '--token-audience'],
    ['the environment', none, environment, installed, 'variable', 'environment', 'IRSA_TOKEN_AUDIENCE'],
    ['the installed webhook', none, {}, installed, 'installed', 'installed', '--token-audience of Deployment a/b'],
    ['the default last', none, {}, none, 'sts.amazonaws.com', 'default', '--token-audience'],
  ] as const)('takes %s, and says so', (_, flags, variables, webhook, audience, from, label) => {
    const settings = readDecisionSettings(flags, variables, webhook);
    expect(settings.identity.audience).toBe(audience);
    expect(settings.origins.get('token-audience')).toEqual({ from, label });
  });
});
