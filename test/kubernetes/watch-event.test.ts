import { describe, expect, test } from 'vitest';
import { parseWatchEvent, versionOf } from '../../src/kubernetes/watched-resource.ts';

const parse = (event: unknown, kind = 'Secret'): unknown => parseWatchEvent(Buffer.from(JSON.stringify(event)), kind);
const object = { kind: 'Secret', metadata: { name: 'a', resourceVersion: '7' } };

describe('parseWatchEvent()', () => {
  test.each(['ADDED', 'MODIFIED', 'DELETED'])('reads %s with its object and version', type => {
    expect(parse({ type, object })).toEqual({ kind: 'change', type, object, resourceVersion: '7' });
  });

  test.each([
    { annotations: undefined, endsInitialEvents: false },
    { annotations: { 'k8s.io/initial-events-end': 'false' }, endsInitialEvents: false },
    { annotations: { 'k8s.io/initial-events-end': 'true' }, endsInitialEvents: true },
  ])('reads a bookmark with annotations $annotations', ({ annotations, endsInitialEvents }) => {
    const event = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '8', annotations } } };
    expect(parse(event)).toEqual({ kind: 'bookmark', resourceVersion: '8', endsInitialEvents });
  });

  test.each([
    { object: { code: 410, message: 'too old resource version' }, code: 'expired' },
    { object: { code: 429, message: 'slow down' }, code: 'too_many_requests' },
    { object: {}, code: 'server_error' },
  ])('throws $code for an ERROR event with $object', ({ object, code }) => {
    expect(() => parse({ type: 'ERROR', object })).toThrow(expect.objectContaining({ code }));
  });

  test('gives nothing for a type that is not known', () => {
    expect(parse({ type: 'PAUSED', object })).toBeUndefined();
  });

  test.each([
    { line: 'garbage' },
    { line: '' },
    { line: 'null' },
    { line: '[]' },
    { line: '{"type":"ADDED"}' },
    { line: '{"object":{}}' },
    { line: '{"type":"ADDED","object":[]}' },
    { line: '{"type":"ADDED","object":{}}' },
    { line: '{"type":"ADDED","object":{"metadata":{"resourceVersion":7}}}' },
    { line: '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":""}}}' },
    { line: '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"zzzz"}}}' },
    { line: '{"type":"ADDED","object":{"kind":"Secret","metadata":{"resourceVersion":"-1"}}}' },
    { line: '{"type":"ADDED","object":{"kind":"Pod","metadata":{"resourceVersion":"7"}}}' },
    { line: '{"type":"DELETED","object":{"metadata":{"resourceVersion":"7"}}}' },
  ])('throws malformed_response for $line', ({ line }) => {
    expect(() => parseWatchEvent(Buffer.from(line), 'Secret')).toThrow(
      expect.objectContaining({ code: 'malformed_response' }),
    );
  });
});

test('versionOf() reads the version of a list', () => {
  expect(versionOf({ metadata: { resourceVersion: '12' } })).toBe('12');
});
