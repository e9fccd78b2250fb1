import { readFile } from 'node:fs/promises';
import type { CertificatePair } from './check-certificate.ts';

// A writer that replaces both files needs milliseconds; more readings would only wait for one that never rests.
const maxReadings = 5;

export interface CertificatePaths {
  readonly certificatePath: string;
  readonly keyPath: string;
}

/**
 * Reads both files until two readings in a row agree, so that a pair is never put together from before and after a
 * replacement (the kubelet swaps a whole folder, others rename or rewrite one file after the other). Rejects as
 * `readFile` does.
 */
export async function readCertificatePair(paths: CertificatePaths): Promise<CertificatePair> {
  let pair = await readOnce(paths);
  for (let reading = 2; reading <= maxReadings; reading += 1) {
    const again = await readOnce(paths);
    if (isSamePair(pair, again)) return again;
    pair = again;
  }
  return pair;
}

/** Compares everything: a renewed intermediate with the same leaf and key is a change. */
export function isSamePair(one: CertificatePair, other: CertificatePair): boolean {
  return one.certificate.text === other.certificate.text && one.key.text === other.key.text;
}

async function readOnce({ certificatePath, keyPath }: CertificatePaths): Promise<CertificatePair> {
  // One after the other: when both are missing, the same one is always told.
  const certificate = await readFile(certificatePath, 'utf8');
  const key = await readFile(keyPath, 'utf8');
  return { certificate: { path: certificatePath, text: certificate }, key: { path: keyPath, text: key } };
}
