import { expect } from 'vitest';
import type { WebhookProcess } from '../../support/webhook-process.ts';
import type { AttackReport } from '../attacks/attack.ts';
import { startBystander, startFortress } from './fortress.ts';
import { besiege, lossesIn } from './siege.ts';

/** The built program under attack, with the defaults of its flags, beside an API server that goes on with its reviews. */
export interface Victim extends AsyncDisposable {
  readonly webhook: WebhookProcess;
  /** Attacks, and checks that nothing else was hurt by it: memory, the reviews of others, readiness, the log. */
  survives(attack: string, run: () => Promise<void>): Promise<void>;
}

/** Many, because these attacks are short. */
const podsPerSecond = 50;

const unseen: AttackReport = { counts: {}, wrong: [] };

export async function startVictim(flags: readonly string[] = []): Promise<Victim> {
  const fortress = await startFortress('victim', { flags });
  const { webhook, group } = fortress;
  return {
    webhook,
    async survives(name, run) {
      const report = await besiege({
        ...{ name, webhook, group },
        startOthers: () => startBystander(webhook, { perSecond: podsPerSecond }),
        attack: () => run().then(() => unseen),
      });
      expect(lossesIn(report)).toEqual([]);
    },
    [Symbol.asyncDispose]: () => fortress[Symbol.asyncDispose](),
  };
}
