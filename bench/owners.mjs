// Owners of a million distinct addresses, half of them IPv6, from the file of the package to the answers.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Of a fixed seed, so that every run looks up the same ones; https://en.wikipedia.org/wiki/Linear_congruential_generator */
function addresses(count) {
  let state = 1;
  const bits = (n) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> (32 - n);
  const all = new Set();
  while (all.size < count / 2) all.add([1 + (bits(8) % 223), bits(8), bits(8), bits(8)].join('.'));
  while (all.size < count)
    all.add(
      `${(0x2000 + bits(12)).toString(16)}:${[bits(16), bits(16), bits(16)].map((group) => group.toString(16)).join(':')}::${bits(16).toString(16)}`,
    );
  return [...all];
}

export function ownerRows({ smoke }) {
  const { openOwners } = require('../dist/lib/inventory/owners-file.js');
  const all = addresses(1_000_000);
  const seconds = Array.from({ length: smoke ? 1 : 5 }, () => {
    const started = performance.now();
    const owners = openOwners(readFileSync('dist/owners.bin'));
    let known = 0;
    for (const address of all) if (owners.of(address) !== undefined) known++;
    if (known < all.length / 2) throw new Error(`owners of ${known} addresses only`);
    return (performance.now() - started) / 1000;
  }).sort((a, b) => a - b);
  return [['owners of 1 million addresses, s', seconds[Math.floor(seconds.length / 2)], '<=', 1.5]];
}
