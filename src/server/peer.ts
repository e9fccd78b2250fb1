import { isIPv6 } from 'node:net';

/** Of an IPv6 address, the first four of eight groups: one host may have all addresses of such a network. */
const networkGroups = 4;

/**
 * Who counts as one caller among those that connect: an IPv4 address, or the /64 network of an IPv6 address. IPv4 on a socket
 * that takes both (`::ffff:10.0.0.1`) is IPv4. Empty for a socket that has no address any more.
 */
export function peerOf(remoteAddress: string | undefined): string {
  const address = remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::', 2);
  const headGroups = head === '' ? [] : head.split(':');
  const tailGroups = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - headGroups.length - tailGroups.length;
  const groups = [...headGroups, ...new Array<string>(Math.max(0, zeros)).fill('0'), ...tailGroups];
  return `${groups.slice(0, networkGroups).join(':')}::/64`;
}
