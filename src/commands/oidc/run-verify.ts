import { checkIssuer } from '../../oidc/issuer-url.ts';
import { verifyIssuer, type IssuerRemark, type IssuerReport } from '../../oidc/verify-issuer.ts';
import { createStyle, type ColourChoice } from '../../terminal/style.ts';
import { formatTable } from '../../terminal/table.ts';
import { exitCodes, type CommandIo, type ExitCode } from '../command-io.ts';
import { writeResult } from '../common/write-result.ts';
import { findingLines, findingDocument } from './finding-lines.ts';
import { fetchOptions } from './fetch-options.ts';
import { readSigningKeys, type SigningKeyOptions } from './read-signing-keys.ts';
import { withRemarks } from './with-remarks.ts';
import { quote } from '../../util/text.ts';

type VerifyOptions = SigningKeyOptions & {
  issuer: string;
  caFile?: string;
  output: string;
  color: ColourChoice;
};

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

/** Somebody else's text in a cell: as it is where it cannot do harm. */
function shown(text: string | undefined): string {
  if (text === undefined || text === '') return '<none>';
  return /^[\w.:/+=-]{1,80}$/.test(text) ? text : quote(text);
}
