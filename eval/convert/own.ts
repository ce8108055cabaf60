import ipaddr from 'ipaddr.js';

/**
 * Whether an address is of the network that is to be logged.
 * @throws Error naming a network that is none
 */
export function ownNetworks(text: string): (address: string) => boolean {
  const networks = text.split(',').map((one) => {
    try {
      return ipaddr.parseCIDR(one.includes('/') ? one : `${one}/32`);
    } catch {
      throw new Error(`--own ${one}: expected networks like 10.0.0.0/8,192.168.1.5, separated by commas`);
    }
  });
  const known = new Map<string, boolean>();
  return (address) => {
    const cached = known.get(address);
    if (cached !== undefined) return cached;
    const parsed = ipaddr.isValid(address) ? ipaddr.parse(address) : undefined;
    const is = parsed !== undefined && networks.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits));
    known.set(address, is);
    return is;
  };
}
