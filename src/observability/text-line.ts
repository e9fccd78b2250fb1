import { isObject, ownString } from '../util/type-guards.ts';

/**
 * A log line of `--log-format text`, for people, from the JSON line: time, level, message, then the fields as
 * `name=value`. A value that is not one plain word stays JSON, so that no value can look like another line or field.
 */
export function toTextLine(jsonLine: string): string {
  const record: unknown = JSON.parse(jsonLine);
  if (!isObject(record)) return jsonLine;
  const level = (ownString(record, 'level') ?? '').toUpperCase().padEnd(5);
  const fields = Object.entries(record)
    .filter(([name]) => name !== 'ts' && name !== 'level' && name !== 'msg')
    .map(([name, value]) => ` ${name}=${toWord(value)}`);
  return `${ownString(record, 'ts') ?? ''} ${level} ${ownString(record, 'msg') ?? ''}${fields.join('')}\n`;
}

function toWord(value: unknown): string {
  if (typeof value === 'string' && /^[\w.:/@*+-]+$/.test(value)) return value;
  // Beyond ASCII there are control characters that JSON leaves as they are and terminals obey.
  return JSON.stringify(value).replaceAll(/[^ -~]/g, character => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
