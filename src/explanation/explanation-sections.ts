import { podsText } from './explain-verdict.ts';
import { counted } from '../util/text.ts';
import { isComplete } from '../injection/container-plan.ts';
import type { Verdict } from '../comparison/compare-pod.ts';
import type { Severity } from '../comparison/finding-kinds.ts';
import type {
  CredentialsNote,
  ExplainedAccount,
  ExplainedContainer,
  ExplainedFinding,
  ExplainedHook,
  ExplainedPods,
  ExplainedSetting,
  ExplainedVariable,
  ExplainedVerdict,
  Explanation,
  SettingName,
  SourceStatement,
} from './explanation.ts';

/** What a line says at a glance. */
export type Mark = 'yes' | 'no' | 'warn' | 'none' | 'add' | 'keep' | 'command';

export interface Line {
  readonly mark: Mark;
  /** Aligned with those of the other lines of the section that have the same depth. */
  readonly cells: readonly string[];
  /** 1 for what belongs to the line above. */
  readonly depth: 0 | 1;
}

/** A step of the decision as a person reads it. */
export interface Section {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** The explanation in the order of the decision; sections that say nothing are left out. */
export function explanationSections(explanation: Explanation): readonly Section[] {
  const { account, hook, exemption, sources, settings, volume, containers, verdict } = explanation;
  const sections: readonly Section[] = [
    { title: 'Account', lines: [accountLine(account, verdict)] },
    { title: 'Webhook', lines: hook === undefined ? [] : hookLines(hook, verdict) },
    { title: 'Exempt', lines: [exemptionLine(exemption)] },
    { title: 'Sources', lines: sources.map(sourceLine) },
    { title: 'Settings', lines: settings.map(settingLine) },
    { title: 'Volume', lines: volume === undefined ? [] : [line(volume.action, `${volume.name}: ${volume.detail}`)] },
    { title: 'Containers', lines: containers.flatMap(containerLines) },
    { title: 'SDKs', lines: explanation.credentials.map(credentialsLine) },
    { title: 'Notices', lines: noticeLines(explanation) },
    ...findingSections(explanation),
    { title: 'Pods', lines: explanation.pods === undefined ? [] : podLines(explanation.pods) },
    { title: 'Verdict', lines: [line(verdictMarks[verdict.verdict], `${verdict.sentence} (${verdict.code})`)] },
    { title: 'Next', lines: nextLines(verdict) },
  ];
  return sections.filter(({ lines }) => lines.length > 0);
}

function line(mark: Mark, ...cells: readonly string[]): Line {
  return { mark, cells, depth: 0 };
}

function below(mark: Mark, ...cells: readonly string[]): Line {
  return { mark, cells, depth: 1 };
}

const accountStates: { readonly [state in ExplainedAccount['state']]: string } = {
  exists: '',
  not_found: ': it does not exist',
  unknown: ': it is not in the input',
};

/** No line is worse than the verdict: what does not decide is told without alarm. */
function accountLine({ namespace, name, from, state }: ExplainedAccount, { verdict }: ExplainedVerdict): Line {
  const mark = state === 'exists' ? 'yes' : state === 'not_found' ? 'no' : verdict === 'unknown' ? 'warn' : 'none';
  const account = `${namespace}/${name}`;
  const why = from === 'subject' ? '' : from === 'default' ? ', since the pod names none' : `, named by spec.${from}`;
  return line(mark, `${account}${why}${accountStates[state]}`);
}

function hookLines({ code, detail, entries, notes }: ExplainedHook, { verdict }: ExplainedVerdict): readonly Line[] {
  const mark = code === 'selected' ? 'yes' : code === 'unknown' ? 'none' : verdict === 'broken' ? 'no' : 'warn';
  const conditions = entries
    .filter(({ selects }) => selects)
    .flatMap(({ matchConditions }) =>
      matchConditions.map(condition => below('none', `undecided matchCondition ${condition}`)),
    );
  const excluding = code === 'not_selected' ? entries.map(entry => below('none', entry.name, entry.detail)) : [];
  return [line(mark, detail), ...excluding, ...conditions, ...notes.map(note => below('none', note))];
}

function exemptionLine({ exempt, reason, detail }: Explanation['exemption']): Line {
  return exempt ? line('no', `${detail} (${reason})`) : line('yes', `no: ${detail}`);
}

const sourceMarks: { readonly [result in SourceStatement['result']]: Mark } = {
  wins: 'yes',
  overruled: 'none',
  silent: 'none',
  refuses: 'none',
  unknown: 'none',
};

function sourceLine({ source, result, detail }: SourceStatement): Line {
  const outcome = result === 'silent' || result === 'unknown' ? '' : ` (${result})`;
  return line(sourceMarks[result], source, `${detail}${outcome}`);
}

const settingTitles: { readonly [name in SettingName]: string } = {
  role: 'role',
  audience: 'audience',
  expiration: 'expiration',
  regional_sts: 'regional STS',
  region: 'region',
  session_name: 'session name',
  token_file: 'token file',
};

function settingLine({ name, value, detail }: ExplainedSetting): Line {
  return line('none', settingTitles[name], describeValue(name, value), detail);
}

function describeValue(name: SettingName, value: string): string {
  if (value === '') return name === 'role' ? 'of the association' : 'not set';
  if (name === 'expiration') return describeSeconds(value);
  if (name === 'regional_sts') return value === 'true' ? 'on' : 'off';
  return value;
}

const units = [
  { unit: 'd', seconds: 86_400 },
  { unit: 'h', seconds: 3_600 },
  { unit: 'min', seconds: 60 },
] as const;

/** `3600 s (1 h)` where it is a whole number of days, hours or minutes. */
function describeSeconds(value: string): string {
  const [least = '', most] = value.split('-');
  if (most !== undefined) return `${least} to ${most} s, spread over the pods`;
  const found = units.find(({ seconds }) => Number(value) % seconds === 0);
  return found === undefined ? `${value} s` : `${value} s (${Number(value) / found.seconds} ${found.unit})`;
}

function containerLines(container: ExplainedContainer): readonly Line[] {
  const { name, list, result, reason, detail, environment, mount } = container;
  const title = list === 'initContainers' ? `${name} (init)` : name;
  const isLeft = result === 'kept' && reason !== 'identity_injected' && !isComplete(reason);
  const mark = result === 'injected' ? 'add' : isLeft ? 'none' : 'keep';
  const said = result === 'injected' ? detail : `${detail} (${reason})`;
  const mounted = mount === undefined ? [] : [below('add', `mount ${mount.volume}`, mount.path)];
  return [line(mark, title, said), ...environment.map(variableLine), ...mounted];
}

const variableMarks: { readonly [action in ExplainedVariable['action']]: Mark } = {
  add: 'add',
  keep: 'keep',
  leave_out: 'none',
};

function variableLine(variable: ExplainedVariable): Line {
  return below(variableMarks[variable.action], variable.name, describeVariable(variable));
}

function describeVariable(variable: ExplainedVariable): string {
  if ('value' in variable) return variable.value;
  return 'fieldPath' in variable ? `from the field ${variable.fieldPath}` : variable.detail;
}

function credentialsLine({ detail }: CredentialsNote): Line {
  return line('none', detail);
}

/** Without those that another section says. */
function noticeLines({ notices, credentials, findings }: Explanation): readonly Line[] {
  const said = new Set([...credentials, ...findings].map(({ detail }) => detail));
  const rest = notices.filter(({ detail }) => !said.has(detail));
  return rest.map(({ code, detail }) => line('none', `${detail} (${code})`));
}

/** What is wrong, of a pod that runs beside what it would get. */
function findingSections({ findings, running, verdict }: Explanation): readonly Section[] {
  const lines = findings.map(findingLine);
  if (running === undefined) return [{ title: 'Findings', lines }];
  const created = running.created === '' ? [] : [line('none', `created ${running.created}`)];
  const causes = running.causes.map(cause => below('none', `${cause.detail} (${cause.code})`));
  const isAsItWouldBe = lines.length === 0 && verdict.identity === 'has';
  const same = isAsItWouldBe ? [line('yes', 'the pod has what it would get now')] : [];
  const [worst, ...others] = lines;
  return [
    { title: 'Running', lines: [...created, ...same, ...(worst === undefined ? [] : [worst]), ...causes, ...others] },
  ];
}

const findingMarks: { readonly [severity in Severity]: Mark } = { error: 'no', warning: 'warn', info: 'none' };

function findingLine({ code, name, severity, detail }: ExplainedFinding): Line {
  return line(findingMarks[severity], `${detail} (${name}, ${code})`);
}

function podLines(pods: ExplainedPods): readonly Line[] {
  const mark = pods.broken > 0 ? 'no' : pods.differs > 0 ? 'warn' : 'none';
  const lines = pods.findings.map(finding => {
    const { mark: severity, cells } = findingLine(finding);
    return below(severity, `${counted(finding.pods, 'pod')}: ${cells.join(' ')}`);
  });
  return [line(mark, podsText(pods)), ...lines];
}

const verdictMarks: { readonly [verdict in Verdict]: Mark } = {
  ok: 'yes',
  differs: 'warn',
  unknown: 'warn',
  broken: 'no',
};

function nextLines({ nextSteps }: ExplainedVerdict): readonly Line[] {
  return nextSteps.flatMap(({ detail, command }) => [
    line('none', detail),
    ...(command === undefined ? [] : [below('command', command)]),
  ]);
}
