import { quote } from '../identity/quote.ts';
import type { Remark } from '../oidc/finding.ts';

/** A remark on one line, without its hint; what others wrote is quoted. */
export function remarkText({ text, found }: Remark): string {
  return found === undefined ? text : `${text}, found ${found === '' ? 'none' : quote(found)}`;
}
