import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { generatedDocs } from './docs/generated-docs.ts';

for (const { path, render } of generatedDocs) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, render());
  console.log(path);
}
