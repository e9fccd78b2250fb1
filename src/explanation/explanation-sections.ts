import { isComplete } from '../injection/container-plan.ts';
import type {
  CredentialsNote,
  ExplainedAccount,
  ExplainedContainer,
  ExplainedHook,
  ExplainedSetting,
  ExplainedVariable,
  Explanation,
  RunningComparison,
  SettingName,
  SourceStatement,
  Verdict,
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
  const { account, hook, exemption, sources, settings, volume, containers, running, verdict } = explanation;
  const sections: readonly Section[] = [
    { title: 'Account', lines: [accountLine(account)] },
    { title: 'Webhook', lines: hook === undefined ? [] : hookLines(hook) },
    { title: 'Exempt', lines: [exemptionLine(exemption)] },
    { title: 'Sources', lines: sources.map(sourceLine) },
    { title: 'Settings', lines: settings.map(settingLine) },
    { title: 'Volume', lines: volume === undefined ? [] : [line(volume.action, `${volume.name}: ${volume.detail}`)] },
    { title: 'Containers', lines: containers.flatMap(containerLines) },
    { title: 'SDKs', lines: explanation.credentials.map(credentialsLine) },
    { title: 'Notices', lines: noticeLines(explanation) },
    { title: 'Running', lines: running === undefined ? [] : runningLines(running) },
    { title: 'Verdict', lines: [line(verdictMarks[verdict.identity], `${verdict.sentence} (${verdict.code})`)] },
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

const accountMarks: { readonly [state in ExplainedAccount['state']]: Mark } = {
  exists: 'yes',
  not_found: 'no',
  unknown: 'warn',
};

const accountStates: { readonly [state in ExplainedAccount['state']]: string } = {
  exists: '',
  not_found: ': it does not exist',
  unknown: ': it is not in the input',
};

function accountLine({ namespace, name, from, state }: ExplainedAccount): Line {
  const account = `${namespace}/${name}`;
  const why = from === 'subject' ? '' : from === 'default' ? ', since the pod names none' : `, named by spec.${from}`;
  return line(accountMarks[state], `${account}${why}${accountStates[state]}`);
}

function hookLines({ code, detail, entries, notes }: ExplainedHook): readonly Line[] {
  const mark = code === 'selected' ? 'yes' : code === 'unknown' ? 'warn' : 'no';
  const conditions = entries
    .filter(({ selects }) => selects)
    .flatMap(({ matchConditions }) => matchConditions.map(condition => below('warn', `matchCondition ${condition}`)));
  const excluding = code === 'not_selected' ? entries.map(entry => below('none', entry.name, entry.detail)) : [];
  return [line(mark, detail), ...excluding, ...conditions, ...notes.map(note => below('warn', note))];
}

function exemptionLine({ exempt, reason, detail }: Explanation['exemption']): Line {
  return exempt ? line('no', `${detail} (${reason})`) : line('yes', `no: ${detail}`);
}

const sourceMarks: { readonly [result in SourceStatement['result']]: Mark } = {
  wins: 'yes',
  overruled: 'none',
  silent: 'none',
  refuses: 'no',
  unknown: 'warn',
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
  const mark = result === 'injected' ? 'add' : isLeft ? 'no' : 'keep';
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

/** Said about the pod as its owner wants it; everything else may surprise. */
const expected: ReadonlySet<CredentialsNote['code']> = new Set(['default_chain', 'no_credentials_injected']);

function credentialsLine({ code, detail }: CredentialsNote): Line {
  return line(expected.has(code) ? 'none' : 'warn', detail);
}

/** Without those that the SDKs' section has said. */
function noticeLines({ notices, hints, credentials }: Explanation): readonly Line[] {
  const said = new Set(credentials.map(({ detail }) => detail));
  const rest = [...notices, ...hints].filter(({ detail }) => !said.has(detail));
  return rest.map(({ code, detail }) => line('warn', `${detail} (${code})`));
}

const runningMarks: { readonly [code in RunningComparison['code']]: Mark } = {
  as_it_would_be: 'yes',
  has_none_and_would_get_none: 'none',
  settings_differ: 'warn',
  other_method: 'warn',
  missing: 'no',
  partial: 'no',
  stale_role: 'no',
  unexpected: 'warn',
};

function runningLines({ code, detail, created, causes }: RunningComparison): readonly Line[] {
  const since = created === '' ? '' : `created ${created}: `;
  const lines = causes.map(cause => below('none', `${cause.detail} (${cause.code})`));
  return [line(runningMarks[code], `${since}${detail} (${code})`), ...lines];
}

const verdictMarks: { readonly [identity in Verdict['identity']]: Mark } = {
  gets: 'yes',
  has: 'yes',
  none: 'no',
  refused: 'no',
  unknown: 'warn',
};

function nextLines({ nextSteps }: Verdict): readonly Line[] {
  return nextSteps.flatMap(({ detail, command }) => [
    line('none', detail),
    ...(command === undefined ? [] : [below('command', command)]),
  ]);
}
