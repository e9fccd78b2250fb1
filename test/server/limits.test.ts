import { expect, test } from 'vitest';
import { admissionLimits } from '../../src/server/limits.ts';

const settings = { maxBodyBytes: 8_388_608, maxBytesInFlight: 25_165_824, maxConnections: 1_024 };

test.each([
  { openFiles: Number.POSITIVE_INFINITY, connections: 1_024 },
  { openFiles: 65_536, connections: 1_024 },
  { openFiles: 1_024, connections: 640 },
  { openFiles: 10, connections: 1 },
])(
  'admissionLimits() leaves room for $connections connections in $openFiles open files',
  ({ openFiles, connections }) => {
    expect(admissionLimits(settings, openFiles).connections).toBe(connections);
  },
);

test('admissionLimits() takes no body that exceeds all bodies together', () => {
  expect(admissionLimits({ ...settings, maxBytesInFlight: 65_536 }, 65_536).bodyBytes).toBe(65_536);
});
