import type { WrittenText } from './flags.ts';
import { environmentName, type Setting } from './setting.ts';
import { nearest } from '../util/nearest.ts';
import { quote } from '../util/text.ts';

/** Environment variables as a process has them. */
export type Environment = { readonly [name: string]: string | undefined };

/** What the environment says. */
export interface EnvironmentTexts {
  /** By the setting's name. */
  readonly texts: ReadonlyMap<string, WrittenText>;
  readonly notices: readonly string[];
}

const prefix = 'IRSA_';

/** Set in the image: the commit that it was built from. No setting, but shown in the metrics. */
export const revisionVariable = 'IRSA_REVISION';

/**
 * Reads the variables that begin with `IRSA_`. An empty one says nothing, because templates leave them behind; one that
 * belongs to no setting is worth a notice.
 */
export function readEnvironment(environment: Environment, settings: readonly Setting<unknown>[]): EnvironmentTexts {
  const names = new Map(settings.flatMap(setting => entry(environmentName(setting), setting.name)));
  const texts = new Map<string, WrittenText>();
  const notices: string[] = [];
  for (const [variable, text] of Object.entries(environment).sort(byName)) {
    if (!variable.startsWith(prefix) || variable === revisionVariable) continue;
    if (text === undefined || text === '') continue;
    const name = names.get(variable);
    if (isServiceLink(variable, text)) notices.push(...serviceLink(variable, text, name));
    else if (name === undefined) notices.push(unknownVariable(variable, [...names.keys()]));
    else texts.set(name, { text, label: variable });
  }
  return { texts, notices };
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function entry(variable: string | undefined, name: string): readonly (readonly [string, string])[] {
  return variable === undefined ? [] : [[variable, name]];
}

/**
 * A Service called `irsa` gives every pod of its namespace variables such as `IRSA_PORT=tcp://10.0.0.1:443`.
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
function isServiceLink(variable: string, text: string): boolean {
  if (/_SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)$/.test(variable)) return true;
  if (/_PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/.test(variable)) return true;
  return variable.endsWith('_PORT') && /^(?:tcp|udp|sctp):\/\//.test(text);
}

/** Worth a line only where it hides a setting. */
function serviceLink(variable: string, text: string, name: string | undefined): readonly string[] {
  if (name === undefined) return [];
  return [
    `${variable}: ${quote(text)} is how Kubernetes announces a Service, and is ignored; --${name} has no other value`,
  ];
}

function unknownVariable(variable: string, known: readonly string[]): string {
  const suggestion = nearest(
    variable.slice(prefix.length),
    known.map(name => name.slice(prefix.length)),
  );
  const hint = suggestion === undefined ? '' : ` (did you mean ${prefix}${suggestion}?)`;
  return `the environment variable ${quote(variable)} belongs to no setting and is ignored${hint}`;
}
