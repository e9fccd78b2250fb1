import { quote } from '../util/text.ts';

/** Somebody's name for something, inside a one-line message: as it is when it is a plain word, else quoted and cut. */
export function showName(name: string): string {
  return /^[\w.-]{1,64}$/.test(name) ? name : quote(name);
}
