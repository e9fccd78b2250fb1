import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkSource, readSource } from '../../scripts/imports/check-source.ts';
import { mayImport } from '../../scripts/imports/may-import.ts';

const root = join(import.meta.dirname, '..', '..');

describe('the imports of src/', () => {
  test('are those that the table of rooms allows, and form no circle', () => {
    expect(checkSource()).toEqual([]);
  });

  test('are read from every room and in every form that occurs', () => {
    const files = readSource();
    expect(files.length).toBeGreaterThan(200);
    const command = files.find(({ path }) => path === 'src/commands/explain/run-explain.ts');
    const targets = command?.imports.map(({ target, isType }) => ({ target, isType }));
    expect(targets).toContainEqual({ target: 'src/explanation/explanation.ts', isType: true });
    expect(targets).toContainEqual({ target: 'src/terminal/style.ts', isType: false });
    expect(targets).toContainEqual({ target: 'src/commands/explain/explain-files.ts', isType: false });
  });

  test('are checked in the same pure rooms where .oxlintrc.json forbids globals', async () => {
    const { overrides } = JSON.parse(await readFile(join(root, '.oxlintrc.json'), 'utf8'));
    const pure = mayImport.filter(({ isPure }) => isPure).map(({ name }) => `src/${name}/**`);
    const forbidding = overrides.filter((entry: { rules: object }) => 'no-restricted-globals' in entry.rules);
    expect(forbidding.map((entry: { files: unknown }) => entry.files)).toEqual([pure]);
  });
});
