/** Writes small databases in MaxMind's format. https://maxmind.github.io/MaxMind-DB/ */
import { networkRange } from '../../lib/inventory/address';

type Json = string | number | readonly Json[] | { readonly [key: string]: Json };

const control = (type: number, size: number): number[] => {
  const low = size < 29 ? size : 29;
  const more = size < 29 ? [] : [size - 29];
  return type < 8 ? [(type << 5) | low, ...more] : [low, type - 7, ...more];
};

function encoded(value: Json): number[] {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return [...control(2, bytes.length), ...bytes];
  }
  if (typeof value === 'number') return [...control(6, 4), ...[24, 16, 8, 0].map((shift) => (value >>> shift) & 255)];
  if (Array.isArray(value)) return [...control(11, value.length), ...(value as readonly Json[]).flatMap(encoded)];
  const entries = Object.entries(value);
  return [...control(7, entries.length), ...entries.flatMap(([key, one]) => [...encoded(key), ...encoded(one)])];
}

type Node = [Node | number | undefined, Node | number | undefined];

/** IPv4 networks are in the tree of IPv6 at `::/96`. */
export function mmdbOf(type: string, networks: Readonly<Record<string, Json>>, version: 4 | 6 = 6): Buffer {
  const data: number[] = [];
  const root: Node = [undefined, undefined];
  for (const [network, value] of Object.entries(networks)) {
    const range = networkRange(network)!;
    const prefix = Number(network.split('/')[1]) + (version === 6 && range.family === 4 ? 96 : 0);
    const width = version === 6 ? 128 : 32;
    let node = root;
    for (let depth = 0; depth < prefix - 1; depth++) {
      const bit = Number((range.from >> BigInt(width - 1 - depth)) & 1n);
      node = (node[bit] ??= [undefined, undefined]) as Node;
    }
    node[Number((range.from >> BigInt(width - prefix)) & 1n)] = data.length;
    data.push(...encoded(value));
  }
  const nodes: Node[] = [];
  const number = (node: Node): void => {
    nodes.push(node);
    for (const child of node) if (Array.isArray(child)) number(child);
  };
  number(root);
  const record = (child: Node[number]) =>
    child === undefined ? nodes.length : typeof child === 'number' ? nodes.length + 16 + child : nodes.indexOf(child);
  const tree = nodes.flatMap((node) => node.flatMap((child) => [16, 8, 0].map((shift) => (record(child) >>> shift) & 255)));
  const metadata = {
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    database_type: type,
    description: { en: 'test' },
    ip_version: version,
    languages: ['en'],
    node_count: nodes.length,
    record_size: 24,
  };
  return Buffer.concat([
    Buffer.from(tree),
    Buffer.alloc(16),
    Buffer.from(data),
    Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'),
    Buffer.from(encoded(metadata)),
  ]);
}
