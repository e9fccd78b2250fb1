/** The codes of AWS STS that this stand-in gives, with their HTTP status. */
const statusByCode = {
  AccessDenied: 403,
  ExpiredToken: 403,
  ExpiredTokenException: 400,
  IDPCommunicationError: 400,
  InternalFailure: 500,
  InvalidAction: 400,
  InvalidClientTokenId: 403,
  InvalidIdentityToken: 400,
  MissingAction: 400,
  MissingAuthenticationToken: 403,
  ValidationError: 400,
} as const;

export type StsErrorCode = keyof typeof statusByCode;

/** A refusal as AWS words it: the code and message go into the answer. */
export class StsError extends Error {
  override readonly name = 'StsError';
  readonly code: StsErrorCode;
  readonly status: number;

  constructor(code: StsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = statusByCode[code];
  }
}
