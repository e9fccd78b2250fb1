import type { Notice } from './notice.ts';
import { quote } from '../util/text.ts';

/** The API server refuses less: "may not specify a duration less than 10 minutes" (E120). */
const minExpirationSeconds = 600;
/** The API server refuses more: "may not specify a duration larger than 2^32 seconds"; exactly 2^32 is legal (E122). */
const maxExpirationSeconds = 4_294_967_296;

/** A lifetime that the API server accepts, and what was done to it. */
export interface TokenExpiration {
  readonly seconds: number;
  readonly notices: readonly Notice[];
}

/** Brings a lifetime in seconds into what the API server accepts; `where` names the source for the notice. */
export function limitExpiration(seconds: bigint, where: string): TokenExpiration {
  if (seconds < BigInt(minExpirationSeconds)) {
    const detail = `${where} is ${seconds}: raised to ${minExpirationSeconds}, the least that the API server accepts`;
    return { seconds: minExpirationSeconds, notices: [{ code: 'token_expiration_raised', detail }] };
  }
  if (seconds > BigInt(maxExpirationSeconds)) {
    const detail = `${where} is ${seconds}: lowered to ${maxExpirationSeconds}, the most that the API server accepts`;
    return { seconds: maxExpirationSeconds, notices: [{ code: 'token_expiration_lowered', detail }] };
  }
  return { seconds: Number(seconds), notices: [] };
}

/** The notice for a lifetime that is not an integer; the next weaker source applies then (E125). */
export function invalidExpiration(text: string, where: string): Notice {
  const detail = `${where} must be a whole number of seconds, found ${quote(text)}: ignored`;
  return { code: 'invalid_token_expiration', detail };
}
