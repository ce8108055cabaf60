// Loaded before a command by NODE_OPTIONS: whatever would leave the machine fails, and is written down.
const { appendFileSync } = require('node:fs');
const dgram = require('node:dgram');
const dns = require('node:dns');
const net = require('node:net');

const refuse = (what) => () => {
  appendFileSync(process.env.NO_NETWORK_LOG, `${what}\n`);
  throw new Error(`${what}: no network in this test`);
};
net.Socket.prototype.connect = refuse('connect');
dgram.createSocket = refuse('udp');
for (const where of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype])
  for (const name of Object.keys(Object.getOwnPropertyDescriptors(where)))
    if (/^(lookup|resolve|reverse)/.test(name)) where[name] = refuse(`dns.${name}`);
