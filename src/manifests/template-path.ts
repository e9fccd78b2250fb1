import { quote } from '../util/text.ts';

/** Where objects of a kind hold pod templates. */
export interface TemplatePath {
  readonly kind: string;
  /** The API group, empty for the core; undefined means any. */
  readonly group: string | undefined;
  /** Keys from the object to the template; `*` stands for every entry of a list and every value of an object. */
  readonly steps: readonly string[];
}

/** Enough for every kind there is; a path that is longer was not meant. */
const maxSteps = 32;

/**
 * Reads `KIND=PATH` or `KIND.GROUP=PATH` with a path such as `spec.template` or `spec.replicatedJobs[*].template`. Gives the
 * problem as a text.
 */
export function parseTemplatePath(text: string): TemplatePath | string {
  const match = /^(?<kind>[A-Za-z][A-Za-z0-9]*)(?:\.(?<group>[a-z0-9.-]+))?=(?<path>.+)$/.exec(text);
  const { kind, group, path } = match?.groups ?? {};
  if (kind === undefined || path === undefined) {
    return `expected KIND=PATH as in Workflow=spec.podTemplate, found ${quote(text)}`;
  }
  const steps = path.replaceAll('[*]', '.*').replace(/^\./, '').split('.');
  if (steps.length > maxSteps) return `expected a path of at most ${maxSteps} keys, found ${steps.length}`;
  if (steps.every(isStep)) return { kind, group, steps };
  return `expected keys between dots, and [*] for every entry of a list, found ${quote(path)}`;
}

function isStep(step: string): boolean {
  return step === '*' || /^[^\s[\]*]+$/.test(step);
}
