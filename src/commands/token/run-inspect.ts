import { checkToken } from '../../oidc/check-token.ts';
import type { Remark } from '../../oidc/remark.ts';
import { decodeToken } from '../../oidc/service-account-token.ts';
import { verifySignature } from '../../oidc/verify-signature.ts';
import { createStyle } from '../../terminal/style.ts';
import { exitCodes, type CommandIo, type ExitCode } from '../command-io.ts';
import { readOneFile } from '../common/read-input.ts';
import { writeResult } from '../common/write-result.ts';
import { withRemarks } from '../oidc/with-remarks.ts';
import { readVerificationKeys, type InspectOptions } from './read-verification-keys.ts';
import { tokenDocument, tokenText } from './token-text.ts';

/** `irsa token inspect`: resolves with the exit code. */
export async function runInspect(file: string, options: InspectOptions, io: CommandIo): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  await withRemarks(async () => {
    const { text, source } = await readOneFile(file, { stdin: io.stdin, recursive: false });
    const token = decodeToken(text, source);
    const nowMs = Date.now();
    const found: Remark<string>[] = [
      ...checkToken(token, { audiences: options.audience ?? ['sts.amazonaws.com'], nowMs }),
    ];
    const keys = await readVerificationKeys(options, token, io);
    if (keys !== undefined) found.push(...keys.findings);
    if (keys?.keys !== undefined) found.push(await verifySignature(text.trim(), keys.keys, keys.from));
    const findings = found.toSorted((a, b) => Number(a.severity !== 'ok') - Number(b.severity !== 'ok'));
    const inspected = { token, nowMs, isVerified: keys !== undefined, findings };
    const style = createStyle(options.color, io.stdout, io.environment);
    await writeResult(io.stdout, options.output === 'json' ? tokenDocument(inspected) : tokenText(inspected, style));
    if (findings.some(({ severity }) => severity === 'error')) exitCode = exitCodes.findings;
  });
  return exitCode;
}
