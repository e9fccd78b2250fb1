import { setTimeout as delay } from 'node:timers/promises';
import { addressOf, type Siege } from './attack.ts';
import { Connection } from './connection.ts';

/** Many connections that ask for little and stay, or come and go. */
export interface IdleAttack {
  readonly kind: 'idle';
  readonly port: 'tls' | 'metrics';
  readonly connections: number;
  readonly addresses: number;
  /** How long each stays at most before another takes its place; 0 for as long as it may. */
  readonly stayMs: number;
  /** How long each waits between two requests. */
  readonly everyMs: number;
}

const pauseMs = 20;
const ask = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

export async function attackWithIdleConnections(attack: IdleAttack, siege: Siege): Promise<void> {
  const lane = async (index: number): Promise<void> => {
    const localAddress = addressOf(index % attack.addresses);
    while (!siege.signal.aborted) await stay(attack, siege, localAddress);
  };
  await Promise.all(Array.from({ length: attack.connections }, (_, index) => lane(index)));
}

async function stay(attack: IdleAttack, { target, counts, signal }: Siege, localAddress: string): Promise<void> {
  const isSecure = attack.port === 'tls';
  const port = isSecure ? target.port : target.metricsPort;
  const connection = await Connection.open({ port, localAddress, reading: 'fast', signal, isSecure });
  if (connection === undefined) {
    counts.add('refused');
    return delay(pauseMs);
  }
  if (attack.stayMs > 0) setTimeout(() => connection.socket.destroy(), attack.stayMs);
  while (connection.socket.writable) {
    await connection.write(ask);
    counts.add(String((await connection.nextAnswer())?.status ?? 'cut'));
    await Promise.race([delay(attack.everyMs, undefined, { ref: false }), connection.closed]);
  }
  await delay(pauseMs);
}
