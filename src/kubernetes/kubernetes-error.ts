import { flatCopy } from '../util/text.ts';
import { numberAt, textAt } from '../util/json.ts';

/** The closed list of ways in which a request to the API server fails. */
export type KubernetesErrorCode =
  /** 400 or 422: the API server does not accept such a request. */
  | 'invalid'
  /** 401, also with credentials that were read again. */
  | 'unauthorized'
  /** 403: RBAC. */
  | 'forbidden'
  /** 404 */
  | 'not_found'
  /** 409 for a create: there is an object of that name. */
  | 'already_exists'
  /** 409: the object has changed since it was read. */
  | 'conflict'
  /** 410: the resource version or the continue token is too old. */
  | 'expired'
  /** 429 */
  | 'too_many_requests'
  /** 504: above all a resource version that the API server has not reached. */
  | 'gateway_timeout'
  /** Any other 5xx. */
  | 'server_error'
  | 'unexpected_status'
  /** Nothing came in the time allowed. */
  | 'timed_out'
  /** Not reached, not trusted (TLS), or cut off. */
  | 'connection_failed'
  /** An answer that is not what the API promises. */
  | 'malformed_response'
  | 'response_too_large'
  /** The caller's signal ended it. */
  | 'aborted'
  /** Token, CA or kubeconfig cannot be read. */
  | 'no_credentials';

/** What is known about a failure besides its code. */
export interface KubernetesErrorDetails {
  /** HTTP status, or that of an ERROR event in a watch. */
  readonly status?: number;
  /** What `Retry-After` or the Status asks for, in milliseconds. */
  readonly retryAfterMs?: number;
  /** `reason` of the Status, for example `Forbidden`. */
  readonly reason?: string;
  readonly cause?: unknown;
}

/** Any failure of a request to the API server. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';
  readonly code: KubernetesErrorCode;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly reason: string | undefined;

  constructor(code: KubernetesErrorCode, message: string, details: KubernetesErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.reason = details.reason;
  }
}

/** True when the error is a KubernetesError with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly KubernetesErrorCode[]): boolean {
  return error instanceof KubernetesError && codes.includes(error.code);
}

const codeOfStatus: ReadonlyMap<number, KubernetesErrorCode> = new Map([
  [400, 'invalid'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [409, 'conflict'],
  [410, 'expired'],
  [422, 'invalid'],
  [429, 'too_many_requests'],
  [504, 'gateway_timeout'],
]);

/** The texts of a Status are somebody else's: at most this much of each is repeated, or kept for as long as it is a problem. */
const maxMessageCharacters = 500;
const maxReasonCharacters = 100;

/**
 * The error that an HTTP status and its body say. The body should be a Status of the API, but a proxy's page is taken too.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
 */
export function errorOfStatus(status: number, body: unknown, retryAfterMs?: number): KubernetesError {
  const message = textAt(body, 'message') ?? `expected HTTP status 200, found ${status}`;
  const reason = textAt(body, 'reason')?.slice(0, maxReasonCharacters);
  const wait = retryAfterMs ?? retryAfterOfStatus(body);
  return new KubernetesError(codeOf(status, reason), flatCopy(message.slice(0, maxMessageCharacters)), {
    status,
    ...(reason === undefined ? {} : { reason: flatCopy(reason) }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

function codeOf(status: number, reason: string | undefined): KubernetesErrorCode {
  if (status === 409 && reason === 'AlreadyExists') return 'already_exists';
  return codeOfStatus.get(status) ?? (status >= 500 ? 'server_error' : 'unexpected_status');
}

function retryAfterOfStatus(status: unknown): number | undefined {
  const seconds = numberAt(status, 'details', 'retryAfterSeconds') ?? 0;
  return seconds > 0 ? seconds * 1000 : undefined;
}

/** The wait that a `Retry-After` header in seconds asks for; the API server sends no dates. */
export function parseRetryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}
