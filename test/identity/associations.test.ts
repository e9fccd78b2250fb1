import { describe, expect, test } from 'vitest';
import { parseAssociations } from '../../src/identity/associations.ts';

function parsed(text: string) {
  const result = parseAssociations(text);
  if (result.kind === 'malformed') throw new Error(`expected associations, found: ${result.detail}`);
  return result;
}

describe('parseAssociations()', () => {
  test('reads exact names, field names in any case, and ignores unknown fields', () => {
    const { associations } = parsed('{"Identities":[{"NAMESPACE":"ns","serviceaccount":"sa","x":1}],"y":2}');
    expect(associations.has('ns', 'sa')).toBe(true);
    expect(associations.has('ns', 'other')).toBe(false);
  });

  test('knows no wildcards', () => {
    expect(parsed('{"identities":[{"namespace":"*","serviceAccount":"sa"}]}').associations.has('ns', 'sa')).toBe(false);
  });

  test.each(['', ' \n', '{}', '{"identities":null}', '{"identities":[]}'])('E64: sees nobody in %j', text => {
    expect(parsed(text).associations.size).toBe(0);
  });

  test.each(['[]', 'null', '{', '{"identities":{}}', '"x"'])(
    'E64: refuses %j, so that the last good content stays',
    text => {
      expect(parseAssociations(text).kind).toBe('malformed');
    },
  );

  test('E57: loses only the entries that are wrong', () => {
    const { associations, problems } = parsed(
      '{"identities":[null,{"namespace":"ns"},{"namespace":"","serviceAccount":"x"},{"namespace":"ns","serviceAccount":"sa"}]}',
    );
    expect(associations.size).toBe(1);
    expect(problems).toEqual(
      [0, 1, 2].map(index => `identities[${index}]: expected an object with the strings namespace and serviceAccount`),
    );
  });
});
