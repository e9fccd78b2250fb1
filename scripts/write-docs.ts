import { writeFile } from 'node:fs/promises';
import { generatedDocs } from './docs/generated-docs.ts';

for (const { path, render } of generatedDocs) {
  await writeFile(path, render());
  console.log(path);
}
