import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { differences } from '../compat/differences.ts';

const page = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8');

test.each(differences)(
  'docs/differences.md has the row "$row", which the comparison with the AWS webhook names',
  ({ row }) => {
    expect(page).toContain(`\n| ${row} |`);
  },
);
