import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { CertificateSource, ServingCertificate } from '../../src/certificates/certificate-source.ts';
import { checkCertificate } from '../../src/certificates/check-certificate.ts';
import { waitFor } from '../support/wait-for.ts';

/** A source that is not running yet, and what feeds it. */
export interface SourceUnderTest extends AsyncDisposable {
  readonly source: CertificateSource;
  /** Makes the source able to serve, with another certificate each time. */
  provide(): Promise<void>;
  /** Spoils what feeds the source, and waits until it must have noticed. */
  spoil(): Promise<void>;
}

/** What the server relies on, whatever the source. `create` gives one without anything to serve with. */
export function testSourceContract(create: () => Promise<SourceUnderTest>): void {
  test('has no certificate at first, and says why', async () => {
    await using running = await run(create);
    expect(running.source.current()).toBeUndefined();
    expect(running.source.health()).toEqual({ kind: 'unhealthy', detail: expect.stringMatching(/^\S.*\S$/) });
  });

  test('serves what it is given: a pair that belongs together and is valid', async () => {
    await using running = await run(create);
    await running.provide();
    const served = await running.next(undefined);
    const { certificate, key, ...known } = served;
    const pair = { certificate: { path: 'crt', text: certificate }, key: { path: 'key', text: key } };
    expect(checkCertificate(pair, Date.now())).toEqual({ kind: 'valid', certificate: { certificate, key, ...known } });
    await waitFor(() => running.source.health().kind === 'healthy', { what: 'the source to be healthy' });
  });

  test('tells its listeners of each change once, and those no more that have left', async () => {
    await using running = await run(create);
    const heard: ServingCertificate[] = [];
    const heardByOther: ServingCertificate[] = [];
    running.source.subscribe(certificate => heard.push(certificate));
    const leave = running.source.subscribe(certificate => heardByOther.push(certificate));
    await running.provide();
    const first = await running.next(undefined);
    leave();
    await running.provide();
    const second = await running.next(first);
    expect(heard).toEqual([first, second]);
    expect(heardByOther).toEqual([first]);
  });

  test('gives listeners what is current at that time', async () => {
    await using running = await run(create);
    const current: unknown[] = [];
    const heard: unknown[] = [];
    running.source.subscribe(certificate => {
      heard.push(certificate);
      current.push(running.source.current());
    });
    await running.provide();
    await running.next(undefined);
    expect(current).toEqual(heard);
  });

  test('keeps the last good certificate, and stays healthy, when what feeds it is spoilt', async () => {
    await using running = await run(create);
    await running.provide();
    const served = await running.next(undefined);
    await waitFor(() => running.source.health().kind === 'healthy', { what: 'the source to be healthy' });
    await running.spoil();
    expect(running.source.current()).toEqual(served);
    expect(running.source.health()).toEqual({ kind: 'healthy' });
  });

  test('goes on after what fed it was spoilt', async () => {
    await using running = await run(create);
    await running.spoil();
    await running.provide();
    await running.next(undefined);
  });

  test('runs until its signal ends it, and keeps its certificate then', async () => {
    await using running = await run(create);
    await running.provide();
    const served = await running.next(undefined);
    expect(await Promise.race([running.ended, delay(50, 'running')])).toBe('running');
    await running.stop();
    expect(running.source.current()).toEqual(served);
  });

  test('does not begin when its signal has ended', async () => {
    await using feed = await create();
    await feed.source.run(AbortSignal.abort());
    expect(feed.source.current()).toBeUndefined();
  });
}

interface RunningSource extends SourceUnderTest {
  readonly ended: Promise<void>;
  stop(): Promise<void>;
  /** The certificate that follows this one. */
  next(previous: ServingCertificate | undefined): Promise<ServingCertificate>;
}

async function run(create: () => Promise<SourceUnderTest>): Promise<RunningSource> {
  const feed = await create();
  const end = new AbortController();
  const ended = feed.source.run(end.signal);
  const stop = (): Promise<void> => {
    end.abort();
    return ended;
  };
  return {
    source: feed.source,
    provide: () => feed.provide(),
    spoil: () => feed.spoil(),
    ended,
    stop,
    next: previous =>
      waitFor(
        () => {
          const current = feed.source.current();
          return current?.fingerprint === previous?.fingerprint ? undefined : current;
        },
        { what: 'another certificate' },
      ),
    async [Symbol.asyncDispose]() {
      await stop();
      await feed[Symbol.asyncDispose]();
    },
  };
}
