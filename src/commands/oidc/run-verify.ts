import { checkIssuer } from '../../oidc/issuer-url.ts';
import { verifyIssuer, type IssuerRemark, type IssuerReport } from '../../oidc/verify-issuer.ts';
import { createStyle } from '../../terminal/style.ts';
import { formatTable } from '../../terminal/table.ts';
import { exitCodes, writeResult, type CommandIo, type ExitCode } from '../command-io.ts';
import type { VerifyOptions } from './oidc-command.ts';
import { fetchOptions, findingDocument, findingLines, withRemarks } from './remarks.ts';
import { readSigningKeys } from './run-documents.ts';
import { quote } from '../../util/text.ts';

/** `irsa oidc verify`: resolves with the exit code. */
export async function runVerify(options: VerifyOptions, io: CommandIo): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  await withRemarks(async () => {
    const issuer = checkIssuer(options.issuer, '--issuer');
    const signingKeys = await readSigningKeys(options, io);
    const report = await verifyIssuer({ ...(await fetchOptions(options, io)), issuer, signingKeys });
    await writeResult(io.stdout, options.output === 'json' ? jsonReport(report) : textReport(report, options, io));
    if (hasError(report.remarks)) exitCode = exitCodes.findings;
  });
  return exitCode;
}

function hasError(remarks: readonly IssuerRemark[]): boolean {
  return remarks.some(({ severity }) => severity === 'error');
}

function jsonReport({ issuer, jwksUri, keys, chain, remarks }: IssuerReport): string {
  const document = {
    apiVersion: 'irsa/v1',
    kind: 'IssuerReport',
    issuer,
    jwksUri,
    keys,
    thumbprint: chain?.top,
    root: chain?.root,
    findings: remarks.map(findingDocument),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function textReport({ keys, chain, remarks }: IssuerReport, { color }: VerifyOptions, io: CommandIo): string {
  const style = createStyle(color, io.stdout, io.environment);
  const rows = keys.map(({ kid, alg, size }) => [shown(kid), shown(alg), size ?? '<unreadable>']);
  const lines = [findingLines(remarks, style)];
  if (keys.length > 0) lines.push(formatTable(['KID', 'ALGORITHM', 'KEY'], rows));
  if (chain?.top !== undefined) lines.push(thumbprintLines(chain));
  return lines.join('\n');
}

function thumbprintLines({ top, root }: NonNullable<IssuerReport['chain']>): string {
  const lines = [
    `Thumbprint for IAM: ${top?.thumbprint} (${quote(top?.subject ?? '')}, the last certificate that is sent)`,
  ];
  if (root !== undefined && root.thumbprint !== top?.thumbprint) {
    lines.push(`Its root authority: ${root.thumbprint} (${quote(root.subject)}, not sent)`);
  }
  return `${lines.join('\n')}\n`;
}

function shown(text: string | undefined): string {
  return text || '<none>';
}
