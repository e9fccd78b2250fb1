import { cleanPath } from '../go/path.ts';
import { unexpected } from './setting-kinds.ts';
import type { Parsed } from './setting.ts';
import { isPrintable } from './text-forms.ts';

/**
 * A path in containers as Kubernetes wants it: absolute, with slashes, clean and without a colon. A Windows path is
 * understood: Windows pods get the drive letter back where they need it (E134).
 */
export function parseMountPath(text: string): Parsed<string> {
  const onDriveC = /^c:[\\/]/i.test(text);
  const value = cleanPath(onDriveC ? text.slice(2).replaceAll('\\', '/') : text);
  if (!value.startsWith('/') || value === '/' || value.includes(':') || !isPrintable(value)) {
    return unexpected('an absolute path below /, without a colon', text);
  }
  if (!onDriveC) return { kind: 'value', value, text: value };
  return { kind: 'value', value, text: value, notice: `used as ${value}; Windows pods get the drive letter C:` };
}
