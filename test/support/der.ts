// The little of DER (ITU-T X.690) that a certificate needs. Each function gives one complete element.

const maxUtcTimeYear = 2049; // RFC 5280 section 4.1.2.5

function element(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(value: number): Buffer {
  if (value < 0x80) return Buffer.from([value]);
  const bytes = value < 0x100 ? [value] : [value >> 8, value & 0xff];
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export function sequence(...elements: readonly Buffer[]): Buffer {
  return element(0x30, ...elements);
}

export function set(...elements: readonly Buffer[]): Buffer {
  return element(0x31, ...elements);
}

/** A positive integer from its big-endian bytes. */
export function integer(bytes: Buffer): Buffer {
  const first = bytes.findIndex(byte => byte !== 0);
  const digits = first === -1 ? Buffer.from([0]) : bytes.subarray(first);
  const isReadAsNegative = (digits[0] ?? 0) >= 0x80;
  return element(0x02, isReadAsNegative ? Buffer.from([0]) : Buffer.alloc(0), digits);
}

export function boolean(value: boolean): Buffer {
  return element(0x01, Buffer.from([value ? 0xff : 0x00]));
}

export function nothing(): Buffer {
  return element(0x05);
}

export function octetString(content: Buffer): Buffer {
  return element(0x04, content);
}

/** The bits of `content` without the last `unusedBits`. */
export function bitString(content: Buffer, unusedBits = 0): Buffer {
  return element(0x03, Buffer.from([unusedBits]), content);
}

export function utf8String(text: string): Buffer {
  return element(0x0c, Buffer.from(text));
}

/** From the dotted form, such as `2.5.4.3`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) digits.unshift(0x80 | (rest & 0x7f));
  return digits;
}

/** UTCTime or GeneralizedTime, whichever RFC 5280 demands for the year; to the second. */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
  if (date.getUTCFullYear() > maxUtcTimeYear) return element(0x18, Buffer.from(digits));
  return element(0x17, Buffer.from(digits.slice(2)));
}

/** An element with a context-specific tag that holds another one, as `[0] EXPLICIT`. */
export function explicit(tag: number, content: Buffer): Buffer {
  return element(0xa0 | tag, content);
}

/** A primitive value with a context-specific tag, as `[2] IMPLICIT IA5String`. */
export function implicit(tag: number, content: Buffer): Buffer {
  return element(0x80 | tag, content);
}
