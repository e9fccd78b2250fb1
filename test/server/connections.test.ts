import { expect, test } from 'vitest';
import { Connection } from '../../src/server/connections.ts';
import { socketOf } from './client.ts';

test.each([
  [undefined, ''],
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:db8::6', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('the peer of a connection from %s is %s', (address, peer) => {
  expect(new Connection(socketOf(address), 0).peer).toBe(peer);
});
