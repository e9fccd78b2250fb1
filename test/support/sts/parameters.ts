import { StsError } from './sts-error.ts';

export interface AssumeRoleParameters {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly token: string;
  readonly durationSeconds: number;
}

type ParameterName = 'RoleArn' | 'RoleSessionName' | 'WebIdentityToken';

interface TextConstraint {
  readonly min: number;
  readonly max: number;
  readonly pattern: RegExp;
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
const constraints = {
  RoleArn: { min: 20, max: 2048, pattern: /^[\t\n\r\u0020-\uFFFF]+$/ },
  RoleSessionName: { min: 2, max: 64, pattern: /^[\w+=,.@-]*$/ },
  WebIdentityToken: { min: 4, max: 20_000, pattern: /^[^]*$/ },
} as const satisfies { readonly [name in ParameterName]: TextConstraint };

const duration = { min: 900, max: 43_200, default: 3600 } as const;

/** What a request without a token has to have. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const parametersWithoutToken: readonly ParameterName[] = ['RoleArn', 'RoleSessionName'];

const parameterNames: readonly ParameterName[] = [...parametersWithoutToken, 'WebIdentityToken'];

/** Reads the parameters. Throws one ValidationError that names all that is wrong with them. */
export function readAssumeRoleParameters(
  form: URLSearchParams,
  needed: readonly ParameterName[] = parameterNames,
): AssumeRoleParameters {
  const problems = [
    ...needed.flatMap(name => textProblems(name, form.get(name), constraints[name])),
    ...durationProblems(form.get('DurationSeconds')),
  ];
  if (problems.length > 0) {
    const heading =
      problems.length === 1 ? '1 validation error detected' : `${problems.length} validation errors detected`;
    throw new StsError('ValidationError', `${heading}: ${problems.join('; ')}`);
  }
  return {
    roleArn: form.get('RoleArn') ?? '',
    sessionName: form.get('RoleSessionName') ?? '',
    token: form.get('WebIdentityToken') ?? '',
    durationSeconds: Number(form.get('DurationSeconds') ?? duration.default),
  };
}

function textProblems(name: string, value: string | null, { min, max, pattern }: TextConstraint): string[] {
  if (value === null) return [problem(name, 'null', 'must not be null')];
  const problems = [];
  if (!pattern.test(value)) problems.push(`must satisfy regular expression pattern: ${pattern.source.slice(1, -1)}`);
  if (value.length < min) problems.push(`must have length greater than or equal to ${min}`);
  if (value.length > max) problems.push(`must have length less than or equal to ${max}`);
  // A token does not belong into a message.
  const shown = name === 'WebIdentityToken' ? "'***'" : `'${value}'`;
  return problems.map(text => problem(name, shown, text));
}

function durationProblems(value: string | null): string[] {
  if (value === null) return [];
  const seconds = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (seconds >= duration.min && seconds <= duration.max) return [];
  const bound =
    seconds > duration.max ? `less than or equal to ${duration.max}` : `greater than or equal to ${duration.min}`;
  return [problem('DurationSeconds', `'${value}'`, `must have value ${bound}`)];
}

function problem(name: string, value: string, text: string): string {
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  return `Value ${value} at '${member}' failed to satisfy constraint: Member ${text}`;
}
