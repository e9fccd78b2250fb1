import { describe, expect, test } from 'vitest';
import { misplacedOnAccount } from '../../src/identity/misplaced-annotations.ts';
import { resolveIdentity } from '../../src/identity/resolve.ts';
import { emptyMapping } from '../../src/identity/mapping.ts';
import { parseServiceAccountAnnotations } from '../../src/identity/service-account-annotations.ts';
import { defaultsWith } from './support.ts';

const prefix = 'eks.amazonaws.com';
const role = 'arn:aws:iam::111122223333:role/app';

describe('misplacedOnAccount()', () => {
  test.each<{ name: string; value?: string; code: string }>([
    { name: 'eks.amazonaws.com/role_arn', code: 'annotation_misspelt' },
    { name: 'eks.amazonaws.com/roleArn', code: 'annotation_misspelt' },
    { name: 'eks.amazonaws.com/iam-role-arn', code: 'annotation_misspelt' },
    { name: 'eks.amazonaws.com/role', code: 'annotation_misspelt' },
    { name: 'eks.amazon.com/role-arn', code: 'annotation_misspelt' },
    { name: 'eks.aws.com/role-arn', code: 'annotation_misspelt' },
    { name: 'eks.amazonaws.com/skip-containers', code: 'list_on_the_service_account' },
    { name: 'eks.amazonaws.com/include-containers', code: 'list_on_the_service_account' },
  ])('finds that $name has no effect (E241, E242)', ({ name, code }) => {
    const notices = misplacedOnAccount({ [name]: role }, prefix);
    expect(notices).toEqual([{ code, detail: expect.stringContaining(`${name.split('/')[1]}`) }]);
  });

  test.each([
    'eks.amazonaws.com/audience',
    'example.com/role-arn',
    'iam.amazonaws.com/role',
    'role-arn',
    'eks.amazonaws.com',
    '',
  ])('finds nothing wrong with %j (E242)', name => {
    expect(misplacedOnAccount({ [name]: role }, prefix)).toEqual([]);
  });

  test('finds nothing misspelt where the role is there (E242)', () => {
    const annotations = { 'eks.amazonaws.com/role-arn': role, 'eks.amazonaws.com/role_arn': role };
    expect(misplacedOnAccount(annotations, prefix)).toEqual([]);
  });

  test('comes with the answer that there is no role (E242)', () => {
    const defaults = defaultsWith();
    const answer = resolveIdentity({
      account: { namespace: 'ns', name: 'sa' },
      serviceAccount: parseServiceAccountAnnotations({ 'eks.amazonaws.com/role_arn': role }, defaults),
      serviceAccountExists: true,
      mapping: emptyMapping,
      associated: false,
      defaults,
    });
    expect(answer).toMatchObject({ kind: 'none', reason: 'no_role', notices: [{ code: 'annotation_misspelt' }] });
  });
});
