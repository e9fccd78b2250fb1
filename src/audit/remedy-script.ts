import type { AuditReport, Finding } from './report.ts';

/** What is done to get new pods, gentlest first: later kinds may interrupt work. */
const steps = [
  { kind: 'Deployment', text: 'Deployments start new pods before they stop the old ones.' },
  { kind: 'StatefulSet', text: 'StatefulSets replace one pod after the other.' },
  { kind: 'DaemonSet', text: 'DaemonSets replace the pods of one node after the other.' },
  { kind: undefined, text: 'These pods are deleted and made again by what owns them; nothing waits for the new ones.' },
] as const;

/** Pods that others depend on come last, when it has been seen that new pods get their identity. */
const systemNamespace = 'kube-system';

/**
 * The commands that bring about new pods for errors and warnings, as a text for a person or a shell: in safe order and each
 * once. What needs a person is a comment.
 */
export function remedyScript({ findings }: AuditReport): string {
  const serious = findings.filter(({ severity }) => severity !== 'info');
  const sections = steps.map(({ kind, text }) => section(text, commandsFor(serious, kind)));
  const others = serious.filter(({ remedy }) => remedy.commands.length === 0);
  const notes = others.map(finding => comment(`${place(finding)} (${finding.code}): ${finding.remedy.text}`));
  return [...sections, section('By hand:', notes)].filter(text => text !== '').join('\n');
}

function commandsFor(findings: readonly Finding[], kind: string | undefined): readonly string[] {
  const kinds: ReadonlySet<string | undefined> = new Set(steps.map(step => step.kind));
  const wanted = findings.filter(({ object }) => (kind === undefined ? !kinds.has(object.kind) : object.kind === kind));
  const isSystem = ({ object }: Finding): boolean => object.namespace === systemNamespace;
  const ordered = [...wanted.filter(finding => !isSystem(finding)), ...wanted.filter(isSystem)];
  return [...new Set(ordered.flatMap(({ remedy }) => remedy.commands))];
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${[comment(title), ...new Set(lines)].join('\n')}\n`;
}

function place({ object }: Finding): string {
  return `${object.kind} ${object.namespace}/${object.name}`;
}

/** One line, whatever names a dump holds: a line break would turn the rest into a command. */
function comment(text: string): string {
  return `# ${text.replaceAll(/\p{C}/gu, '?')}`;
}
