import * as fc from 'fast-check';
import { fields, mostly, oddJson, oddText } from './json-arbitrary.ts';

const role: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'arn:aws:iam::111122223333:role/app',
    ' arn:aws-cn:iam::111122223333:role/a/b/app\n',
    'app',
    '/role/app',
    'arn:aws:iam::111122223333:user/app',
    'arn:aws:iam::1:role/app',
    `arn:aws:iam::111122223333:role/${'x'.repeat(3_000)}`,
  ),
  oddText,
);
const audience: fc.Arbitrary<string> = fc.oneof(fc.constantFrom('sts.amazonaws.com', 'vault', ' '), oddText);
const boolean: fc.Arbitrary<string> = fc.constantFrom('true', ' T', 'false', '0', 'yes', '');
const seconds: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('3600', '+600', '-1', '86400', '4294967297', '9223372036854775808', '1e5', '0x10', '1_000'),
  oddText,
);

const annotations = fields({
  'eks.amazonaws.com/role-arn': fc.oneof(
    { weight: 2, arbitrary: fc.constant('arn:aws:iam::111122223333:role/app') },
    { weight: 1, arbitrary: mostly(role) },
  ),
  'eks.amazonaws.com/audience': mostly(audience),
  'eks.amazonaws.com/sts-regional-endpoints': mostly(boolean),
  'eks.amazonaws.com/token-expiration': mostly(seconds),
  other: oddJson,
});

/** The ServiceAccount `ns/app`, or something like it. */
export const accountArbitrary: fc.Arbitrary<unknown> = mostly(
  fc.record({
    metadata: mostly(
      fc.record({ namespace: fc.constant('ns'), name: mostly(fc.constant('app')), annotations: mostly(annotations) }),
    ),
  }),
);

const mappingKey = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('ns/app', '*/app', 'ns/*', 'n*/a*p', '**/**', 'other/app') },
  { weight: 1, arbitrary: fc.constantFrom('app', '/', 'ns/', 'ns/app/x', '__proto__', '__proto__/app') },
  { weight: 1, arbitrary: oddText },
);
const mappingEntry = fields({
  RoleARN: mostly(role),
  roleArn: role,
  Audience: mostly(audience),
  UseRegionalSTS: mostly(fc.boolean()),
  TokenExpiration: mostly(fc.oneof(fc.integer(), fc.constantFrom(0, -1, 1.5, 1e300, 2 ** 60))),
});
const mapping = fc
  .array(fc.tuple(mappingKey, mostly(mappingEntry)), { maxLength: 4 })
  .map(entries => Object.fromEntries(entries));

const association = fc.oneof(
  fields({ namespace: mostly(fc.constant('ns')), serviceAccount: mostly(fc.constantFrom('app', 'other')) }),
  fields({ Namespace: mostly(fc.constant('ns')), SERVICEACCOUNT: oddText }),
);
const associations = fc.oneof(
  { weight: 9, arbitrary: fields({ identities: mostly(fc.array(mostly(association), { maxLength: 2 })) }) },
  { weight: 1, arbitrary: fields({ Identities: oddJson }) },
);

/** A document as text: now and then cut off, repeated, or no JSON at all. */
export function textOf(document: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const whole = document.map(value => JSON.stringify(value) ?? '');
  return fc.oneof(
    { weight: 97, arbitrary: whole },
    { weight: 1, arbitrary: oddText },
    {
      weight: 1,
      arbitrary: fc.tuple(whole, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1))),
    },
    { weight: 1, arbitrary: fc.constantFrom('', ' ', '{}', '[]', 'null', '{"', '\ufeff{}', '['.repeat(50_000)) },
  );
}

export const mappingArbitrary: fc.Arbitrary<string> = textOf(mostly(mapping));
export const associationsArbitrary: fc.Arbitrary<string> = textOf(mostly(associations));
