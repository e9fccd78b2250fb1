import { partition } from '@aws-sdk/util-endpoints';
import { expect, test } from 'vitest';
import type { Identity } from '../../src/identity/identity.ts';
import { planFor, settingsWith, webIdentity } from './support.ts';

const regions = [
  ...['us-east-1', 'eu-central-1', 'il-central-1', 'mx-central-1', 'cn-north-1', 'cn-northwest-1', 'us-gov-west-1'],
  ...['us-iso-east-1', 'us-isob-east-1', 'us-isof-south-1', 'eu-isoe-west-1', 'eusc-de-east-1'],
];

function identityIn(name: string): Identity {
  return {
    ...webIdentity,
    method: 'web_identity',
    roleArn: { value: `arn:${name}:iam::111122223333:role/app`, from: 'service_account' },
    audience: webIdentity.audience,
  };
}

// The AWS library that knows the partitions costs 15 MB, so that the way of a review has a table of its own.
test.each(regions)(
  'planInjection() takes %s for a region of the partition that the AWS SDK has for it (E235)',
  region => {
    const codes = (role: string): readonly string[] =>
      planFor(
        { spec: { containers: [{ name: 'app' }] } },
        identityIn(role),
        settingsWith({ region }),
      ).injection.notices.map(({ code }) => code);
    const { name } = partition(region);
    expect(codes(name)).not.toContain('region_of_another_partition');
    expect(codes(name === 'aws' ? 'aws-cn' : 'aws')).toContain('region_of_another_partition');
  },
);
