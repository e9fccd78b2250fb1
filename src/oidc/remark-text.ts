import type { Remark } from './finding.ts';
import { quote } from '../util/text.ts';

/** A remark on one line, without its hint; what others wrote is quoted. */
export function remarkText({ text, found }: Pick<Remark, 'text' | 'found'>): string {
  return found === undefined ? text : `${text}, found ${found === '' ? 'none' : quote(found)}`;
}

/** The same with its hint. */
export function remarkWithHint(remark: Remark): string {
  const whole = remarkText(remark);
  return remark.hint === undefined ? whole : `${whole}. ${remark.hint}`;
}
