import {
  findingCodes,
  findingKinds,
  type FindingCode,
  type FindingKind,
  type Severity,
} from '../comparison/finding-kinds.ts';
import type { AuditReport, Finding } from './report.ts';

const levels: { readonly [severity in Severity]: string } = { error: 'error', warning: 'warning', info: 'note' };

/**
 * The report as a SARIF 2.1.0 log, which code scanning of GitHub and others shows. `version` is that of the program.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function toSarif(report: AuditReport, version: string): object {
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'irsa', version, semanticVersion: version, rules: findingCodes.map(toRule) } },
        invocations: [{ executionSuccessful: true, endTimeUtc: report.generatedAt }],
        columnKind: 'utf16CodeUnits',
        results: report.findings.map(toResult),
      },
    ],
  };
}

function toRule(code: FindingCode): object {
  const kind: FindingKind = findingKinds[code];
  return {
    id: code,
    name: kind.name,
    shortDescription: { text: kind.title },
    fullDescription: { text: kind.meaning },
    help: { text: `${kind.consequence} ${kind.remedy}`, markdown: `${kind.consequence}\n\n${kind.remedy}` },
    defaultConfiguration: { level: levels[kind.severity] },
  };
}

function toResult(finding: Finding): object {
  const { code, severity, object, detail, containers, pods } = finding;
  const { kind, namespace, name } = object;
  return {
    ruleId: code,
    ruleIndex: findingCodes.indexOf(code),
    level: levels[severity],
    message: { text: `${kind} ${namespace}/${name}: ${detail}` },
    locations: [
      {
        // Objects of a cluster are in no file; viewers want a path all the same.
        physicalLocation: { artifactLocation: { uri: [namespace, kind, name].map(toSegment).join('/') } },
        logicalLocations: [{ name, kind: 'resource', fullyQualifiedName: `${namespace}/${kind}/${name}` }],
      },
    ],
    partialFingerprints: { 'finding/v1': [code, namespace, kind, name, ...containers].join('/') },
    properties: {
      serviceAccount: finding.serviceAccount,
      role: finding.role,
      podRole: finding.podRole,
      containers,
      pods,
    },
  };
}

/** A dump may hold half a character, of which no URI can be made. */
function toSegment(name: string): string {
  return encodeURIComponent(name.toWellFormed());
}
