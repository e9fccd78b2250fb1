import { quote } from '../util/text.ts';

/** A text of ours, with somebody else's text that was found. Whoever shows it quotes the latter. */
interface RemarkText {
  /** What was expected and where, or what is right. */
  readonly text: string;
  /** What was found instead: not to be trusted, maybe long, maybe with control characters. */
  readonly found?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** One result of a check. Codes are stable: JSON results and documentation use them. */
export interface Remark<Code extends string> extends RemarkText {
  readonly code: Code;
  readonly severity: 'ok' | 'warning' | 'error';
}

/** Why a key, a URL or a document of the issuer cannot be used. */
export type OidcErrorCode =
  /** A file without a key that kube-apiserver would read. */
  | 'no_keys'
  /** Not an https URL, or one that cannot be an issuer. */
  | 'invalid_url'
  /** Not a JSON Web Key Set. */
  | 'invalid_key_set'
  /** Not a discovery document. */
  | 'invalid_discovery'
  /** Not a JSON Web Token. */
  | 'invalid_token'
  /** Not the ARN of an OIDC provider. */
  | 'invalid_provider'
  /** Nobody answers, the name is not known, or the connection was cut off. */
  | 'not_reached'
  /** The certificate is not trusted, or not for this host. */
  | 'not_trusted'
  | 'timed_out'
  | 'too_large'
  /** Another HTTP status than 200. */
  | 'bad_status'
  | 'bad_redirect'
  /** A file is there with another content. */
  | 'file_differs';

/** A key, URL, document or token that cannot be used. The message is the remark's text. */
export class OidcError extends Error implements RemarkText {
  override readonly name = 'OidcError';
  readonly code: OidcErrorCode;
  readonly text: string;
  readonly found?: string;
  readonly hint?: string;

  constructor(code: OidcErrorCode, { text, found, hint, cause }: RemarkText & { readonly cause?: unknown }) {
    super(text, cause === undefined ? undefined : { cause });
    this.code = code;
    this.text = text;
    if (found !== undefined) this.found = found;
    if (hint !== undefined) this.hint = hint;
  }
}

/** A remark on one line, without its hint; what others wrote is quoted. */
export function remarkText({ text, found }: Pick<RemarkText, 'text' | 'found'>): string {
  return found === undefined ? text : `${text}, found ${found === '' ? 'none' : quote(found)}`;
}

/** The same with its hint. */
export function remarkWithHint(remark: RemarkText): string {
  const whole = remarkText(remark);
  return remark.hint === undefined ? whole : `${whole}. ${remark.hint}`;
}
