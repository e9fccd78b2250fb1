import * as fc from 'fast-check';
import { accountArbitrary, associationsArbitrary, mappingArbitrary } from './document-arbitraries.ts';
import type { FuzzCase } from './fuzz-case.ts';
import { reviewArbitrary } from './review-arbitrary.ts';

const record: fc.Arbitrary<FuzzCase> = fc.record({
  review: reviewArbitrary,
  account: accountArbitrary,
  mapping: mappingArbitrary,
  associations: associationsArbitrary,
  injection: fc.record({
    region: fc.constantFrom('', 'eu-west-1'),
    partialIdentityEnv: fc.constantFrom('complete', 'keep'),
    roleSessionName: fc.constantFrom('none', 'pod'),
  }),
  identity: fc.record(
    {
      regionalSts: fc.boolean(),
      invalidRoleArn: fc.constantFrom('inject', 'skip'),
      composeRoleArn: fc.constant({ accountId: '111122223333', partition: 'aws' }),
    },
    { requiredKeys: ['regionalSts', 'invalidRoleArn'] },
  ),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

/** Without the bias of fast-check towards small values, which would make the rare branches the common ones. */
export const caseArbitrary: fc.Arbitrary<FuzzCase> = fc.noBias(record);
