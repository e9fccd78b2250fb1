import { inflateRawSync } from 'node:zlib';

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
/** Of the end record without a comment, of a central entry and of a local header without their names. */
const [endBytes, entryBytes, headerBytes] = [22, 46, 30];
const deflated = 8;

/**
 * The content of one file of a ZIP archive, stored or deflated. Throws when the archive holds no such file. A machine need
 * not have `unzip`. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT sections 4.3.7, 4.3.12 and 4.3.16
 */
export function readZipEntry(archive: Buffer, name: string): Buffer {
  const end = archive.length - endBytes;
  if (end < 0 || archive.readUInt32LE(end) !== endSignature)
    throw new Error('expected a ZIP archive without a comment');
  let offset = archive.readUInt32LE(end + 16);
  while (offset < end && archive.readUInt32LE(offset) === entrySignature) {
    const nameBytes = archive.readUInt16LE(offset + 28);
    const found = archive.toString('utf8', offset + entryBytes, offset + entryBytes + nameBytes);
    if (found === name) return contentOf(archive, offset);
    offset += entryBytes + nameBytes + archive.readUInt16LE(offset + 30) + archive.readUInt16LE(offset + 32);
  }
  throw new Error(`expected the ZIP archive to hold ${name}, found no such file`);
}

function contentOf(archive: Buffer, entry: number): Buffer {
  const bytes = archive.readUInt32LE(entry + 20);
  const header = archive.readUInt32LE(entry + 42);
  const start = header + headerBytes + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
  const content = archive.subarray(start, start + bytes);
  return archive.readUInt16LE(entry + 10) === deflated ? inflateRawSync(content) : content;
}
