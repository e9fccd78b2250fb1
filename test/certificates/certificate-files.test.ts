import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCertificateFiles, type CertificateFilesOptions } from '../../src/certificates/certificate-files.ts';
import type { CertificateSource } from '../../src/certificates/certificate-source.ts';
import type { Log, LogFields } from '../../src/util/log.ts';
import { createCertificateAuthority, type IssuedCertificate } from '../support/certificates.ts';
import { writeMountedVolume } from '../support/mounted-volume.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const authority = createCertificateAuthority();
const one = authority.issue();
const two = authority.issue();
const never = 3_600_000;

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

class Recorder implements Log {
  readonly lines: Line[] = [];
  reads = 0;
  failures = 0;
  inUse: number[] = [];

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'debug', message, fields });
  }
  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', message, fields });
  }
  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'warn', message, fields });
  }
  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'error', message, fields });
  }
  certificateRead(): void {
    this.reads += 1;
  }
  certificateReadFailed(): void {
    this.failures += 1;
  }
  certificateInUse(notAfterMs: number): void {
    this.inUse.push(notAfterMs);
  }
  problems(): readonly unknown[] {
    return this.lines.filter(({ level }) => level !== 'info').map(({ fields }) => fields['problem']);
  }
}

interface Running extends AsyncDisposable {
  readonly folder: TempFolder;
  readonly source: CertificateSource;
  readonly recorder: Recorder;
}

/** Follows `tls.crt` and `tls.key` in a folder that `prepare` has filled. */
async function follow(
  prepare: (folder: TempFolder) => Promise<void>,
  options: Partial<CertificateFilesOptions> = {},
): Promise<Running> {
  const folder = await createTempFolder();
  await prepare(folder);
  const recorder = new Recorder();
  const source = createCertificateFiles({
    certificatePath: join(folder.path, 'tls.crt'),
    keyPath: join(folder.path, 'tls.key'),
    pollMs: 20,
    settleMs: 5,
    now: Date.now,
    log: recorder,
    observer: recorder,
    ...options,
  });
  const stop = new AbortController();
  const running = source.run(stop.signal);
  await waitFor(() => recorder.reads > 0, { what: 'the first reading' });
  return {
    folder,
    source,
    recorder,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function writePair(folder: TempFolder, pair: IssuedCertificate): Promise<void> {
  await folder.write('tls.key', pair.key);
  await folder.write('tls.crt', pair.certificate);
}

/** Replaces one file in one step, so that no reading finds half of it. */
async function renameOver(folder: TempFolder, name: string, content: string): Promise<void> {
  await rename(await folder.write(`${name}.new`, content), join(folder.path, name));
}

async function renamePair(folder: TempFolder, pair: IssuedCertificate): Promise<void> {
  await renameOver(folder, 'tls.crt', pair.certificate);
  await renameOver(folder, 'tls.key', pair.key);
}

function serves(source: CertificateSource, pair: IssuedCertificate): Promise<true> {
  const first = pair.certificate.trim();
  return waitFor(
    () => source.current()?.certificate.trim() === first && source.current()?.key.trim() === pair.key.trim(),
    {
      what: 'the pair',
    },
  );
}

/** Long enough for several readings. */
async function readings(recorder: Recorder, count = 3): Promise<void> {
  const target = recorder.reads + count;
  await waitFor(() => recorder.reads >= target, { what: `${count} more readings` });
}

describe('createCertificateFiles()', () => {
  test('serves the pair that is there at start', async () => {
    await using running = await follow(folder => writePair(folder, one));
    await serves(running.source, one);
    expect(running.source.health()).toEqual({ kind: 'healthy' });
    expect(running.recorder.inUse).toHaveLength(1);
    expect(running.recorder.failures).toBe(0);
  });

  describe.each([
    { by: 'watching', options: { pollMs: never } },
    { by: 'polling', options: { pollMs: 20 } },
  ])('by $by', ({ options }) => {
    test('notices files that are written in place (E140)', async () => {
      await using running = await follow(folder => writePair(folder, one), options);
      await serves(running.source, one);
      await writePair(running.folder, two);
      await serves(running.source, two);
    });

    test('notices files that are renamed over (E140)', async () => {
      await using running = await follow(folder => writePair(folder, one), options);
      await serves(running.source, one);
      await renamePair(running.folder, two);
      await serves(running.source, two);
    });

    test('notices the swap of a mounted Secret, again and again (E140)', async () => {
      const write = (folder: TempFolder, pair: IssuedCertificate): Promise<void> =>
        writeMountedVolume(folder.path, { 'tls.crt': pair.certificate, 'tls.key': pair.key });
      await using running = await follow(folder => write(folder, one), options);
      await serves(running.source, one);
      for (const pair of [two, one, two]) {
        await write(running.folder, pair);
        await serves(running.source, pair);
      }
    });

    test('recovers when absent files appear (E141)', async () => {
      await using running = await follow(() => Promise.resolve(), options);
      await waitFor(() => running.source.health().kind === 'unhealthy', { what: 'the failed reading' });
      await writePair(running.folder, one);
      await serves(running.source, one);
      expect(running.source.health()).toEqual({ kind: 'healthy' });
    });
  });

  test('notices by polling what the watch cannot see: links to files elsewhere, a folder that is not there yet (E140)', async () => {
    await using elsewhere = await createTempFolder();
    await writePair(elsewhere, one);
    const mount = join(elsewhere.path, 'mount');
    await using running = await follow(() => Promise.resolve(), {
      certificatePath: join(mount, 'tls.crt'),
      keyPath: join(mount, 'tls.key'),
    });
    await mkdir(mount);
    for (const name of ['tls.crt', 'tls.key']) await symlink(join(elsewhere.path, name), join(mount, name));
    await serves(running.source, one);
    await writePair(elsewhere, two);
    await serves(running.source, two);
  });

  test('keeps the old pair until the new one matches, and logs that once (E140)', async () => {
    await using running = await follow(folder => writePair(folder, one));
    await serves(running.source, one);
    await renameOver(running.folder, 'tls.key', two.key);
    await waitFor(() => running.recorder.failures > 0, { what: 'the refusal' });
    await readings(running.recorder);
    expect(running.source.current()?.key.trim()).toBe(one.key.trim());
    expect(running.source.health()).toEqual({ kind: 'healthy' });
    expect(running.recorder.problems()).toEqual(['key_mismatch']);
    expect(running.recorder.failures).toBeGreaterThan(1);
    await renameOver(running.folder, 'tls.crt', two.certificate);
    await serves(running.source, two);
  });

  test('takes a renewed intermediate with the same leaf and key for a change (E140)', async () => {
    const root = createCertificateAuthority();
    const renewed = { key: one.key, certificate: one.certificate + root.certificate };
    await using running = await follow(folder => writePair(folder, one));
    await serves(running.source, one);
    const seen: string[] = [];
    running.source.subscribe(({ certificate }) => seen.push(certificate));
    await writePair(running.folder, renewed);
    await serves(running.source, renewed);
    expect(seen).toHaveLength(1);
  });

  test.each([
    { name: 'absent', prepare: () => Promise.resolve(), problem: 'files_unreadable', detail: 'tls.crt' },
    {
      name: 'expired',
      prepare: (folder: TempFolder) => writePair(folder, authority.issue({ notAfter: new Date(Date.now() - 1_000) })),
      problem: 'certificate_expired',
      detail: 'found one until',
    },
    {
      name: 'empty',
      prepare: (folder: TempFolder) => writePair(folder, { certificate: '', key: '' }),
      problem: 'certificate_missing',
      detail: 'found no PEM block',
    },
  ])(
    'is unhealthy and says why, once in the log, when the files are $name at start (E141)',
    async ({ prepare, problem, detail }) => {
      await using running = await follow(prepare);
      await readings(running.recorder);
      expect(running.source.current()).toBeUndefined();
      expect(running.source.health()).toEqual({ kind: 'unhealthy', detail: expect.stringContaining(detail) });
      expect(running.recorder.problems()).toEqual([problem]);
      expect(running.recorder.lines[0]?.level).toBe('error');
      await writePair(running.folder, one);
      await serves(running.source, one);
      expect(running.source.health()).toEqual({ kind: 'healthy' });
    },
  );

  test('serves a certificate from the moment it becomes valid, though the files do not change (E141)', async () => {
    let now = Date.now();
    const later = authority.issue({ notBefore: new Date(now + 60_000), notAfter: new Date(now + 120_000) });
    await using running = await follow(folder => writePair(folder, later), { now: () => now });
    await readings(running.recorder);
    expect(running.source.current()).toBeUndefined();
    now += 61_000;
    await serves(running.source, later);
  });

  test('goes on serving a certificate that expires meanwhile, and says so (E141)', async () => {
    let now = Date.now();
    const short = authority.issue({ notAfter: new Date(now + 60_000) });
    await using running = await follow(folder => writePair(folder, short), { now: () => now });
    await serves(running.source, short);
    now += 61_000;
    await readings(running.recorder);
    await serves(running.source, short);
    expect(running.source.health()).toMatchObject({ kind: 'unhealthy', detail: expect.stringContaining('expired at') });
    expect(
      running.recorder.lines.filter(({ message }) => message === 'The served certificate has expired.'),
    ).toHaveLength(1);
    await running.folder.write('tls.crt', 'rubbish');
    const wanted = 'its successor cannot be used';
    await waitFor(() => JSON.stringify(running.source.health()).includes(wanted), { what: wanted });
  });

  test('keeps serving when the files vanish, and when 50 bad contents come between (E140)', async () => {
    await using running = await follow(folder => writePair(folder, one), { pollMs: 2, settleMs: 0 });
    await serves(running.source, one);
    for (let round = 0; round < 50; round += 1) {
      const failures = running.recorder.failures;
      await running.folder.write('tls.crt', `bad ${round}`);
      await waitFor(() => running.recorder.failures > failures, { what: 'the refusal', intervalMs: 1 });
    }
    await rm(join(running.folder.path, 'tls.crt'));
    await waitFor(() => running.recorder.problems().includes('files_unreadable'), { what: 'the failed reading' });
    await serves(running.source, one);
    await writePair(running.folder, two);
    await serves(running.source, two);
  });

  test('ends its subscriptions one by one', async () => {
    await using running = await follow(folder => writePair(folder, one));
    await serves(running.source, one);
    const seen: string[] = [];
    const stop = running.source.subscribe(() => seen.push('first'));
    running.source.subscribe(() => seen.push('second'));
    stop();
    await writePair(running.folder, two);
    await serves(running.source, two);
    expect(seen).toEqual(['second']);
  });
});
