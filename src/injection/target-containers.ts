import type { LeaveReason } from './container-plan.ts';
import type { Notice } from '../identity/notice.ts';
import { ownString } from '../util/json.ts';
import type { Container, Pod } from './pod.ts';
import { quote } from '../util/text.ts';

/** The API server refuses a pod whose annotations together have more bytes. */
const maxListCharacters = 262_144;

/** More would help nobody: ten warnings reach the user, and there may be as many names as fit in an annotation. */
const maxUnknownNames = 10;

/** Which containers of a pod are to be touched. */
export interface TargetContainers {
  /** Undefined for a target, else why the container of this name is left as it is. */
  readonly skipReason: (name: string) => LeaveReason | undefined;
  readonly notices: readonly Notice[];
}

/**
 * Reads the pod annotations `include-containers` and `skip-containers`. Where the first is present only the containers
 * that it names are targets, whatever the second says (E109); else all that the second does not name (E107).
 */
export function readTargetContainers(pod: Pod, prefix: string, existing: Containers): TargetContainers {
  const included = readNames(pod, `${prefix}/include-containers`, existing);
  if (included.names !== undefined) {
    const { names, notices } = included;
    return { skipReason: name => (names.has(name) ? undefined : 'not_in_include_containers_annotation'), notices };
  }
  const skipped = readNames(pod, `${prefix}/skip-containers`, existing);
  return {
    skipReason: name => (skipped.names?.has(name) === true ? 'skip_containers_annotation' : undefined),
    notices: [...included.notices, ...skipped.notices],
  };
}

/** All of the pod's; undefined for an entry that is no object. */
type Containers = readonly (Container | undefined)[];

interface AnnotatedNames {
  /** Undefined when the annotation is absent, empty or unreadable. */
  readonly names: ReadonlySet<string> | undefined;
  readonly notices: readonly Notice[];
}

function readNames(pod: Pod, annotation: string, containers: Containers): AnnotatedNames {
  const text = pod.annotations === undefined ? undefined : ownString(pod.annotations, annotation);
  if (text === undefined) return { names: undefined, notices: [] };
  const parsed = parseNames(text);
  if (parsed.kind === 'malformed') {
    const detail = `pod annotation ${annotation} must be a comma-separated list of container names, found ${parsed.detail}: ignored`;
    return { names: undefined, notices: [{ code: 'invalid_skip_containers', detail }] };
  }
  const existing = new Set(containers.map(container => container?.name ?? ''));
  const unknown = [...parsed.names].filter(name => !existing.has(name)).slice(0, maxUnknownNames);
  const notices = unknown.map(name => unknownName(annotation, name));
  return { names: parsed.names.size === 0 ? undefined : parsed.names, notices };
}

function parseNames(text: string): ContainerNames {
  if (text.length <= maxListCharacters) return parseContainerNames(text);
  return { kind: 'malformed', detail: `${text.length} characters, more than ${maxListCharacters}` };
}

function unknownName(annotation: string, name: string): Notice {
  return {
    code: 'unknown_container_name',
    detail: `pod annotation ${annotation} names ${quote(name)}, which is no container of this pod`,
  };
}

/** The names in a `skip-containers` or `include-containers` annotation, or why they cannot be read. */
export type ContainerNames =
  | { readonly kind: 'names'; readonly names: ReadonlySet<string> }
  | { readonly kind: 'malformed'; readonly detail: string };

/**
 * A field of a CSV record with the comma or the end behind it; quotes inside quotes are doubled. No character can be taken
 * by two of its parts: `[ \t]*` around the bare form as well took quadratic time for white space before a stray quote.
 */
const csvField = /(?:[ \t]*"(?<quoted>[^"]*(?:""[^"]*)*)"[ \t]*|(?<bare>[^",]*))(?<end>,|$)/y;

/**
 * Reads the first line as one CSV record, as Go's `encoding/csv` does for the AWS webhook, but trims the names, which AWS
 * does not: `a, b` means both (E107). An empty value names nothing.
 */
export function parseContainerNames(text: string): ContainerNames {
  const line = text.trim().split(/\r?\n/, 1)[0] ?? '';
  const names = new Set<string>();
  const field = new RegExp(csvField);
  for (;;) {
    const at = field.lastIndex;
    const groups = field.exec(line)?.groups;
    if (groups === undefined) return { kind: 'malformed', detail: `a stray quote at character ${at + 1}` };
    const name = (groups['quoted']?.replaceAll('""', '"') ?? groups['bare'] ?? '').trim();
    if (name !== '') names.add(name);
    if (groups['end'] !== ',') return { kind: 'names', names };
  }
}
