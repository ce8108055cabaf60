/** Suppressed findings, with end date and reason. They are counted and shown on the dashboard. */
import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import type { Finding } from './finding';

const text = z.string().trim().min(1);
const network = z
  .string()
  .refine((value) => ipaddr.isValidCIDR(value) || ipaddr.isValid(value), 'expected an address or a network such as 10.0.0.0/8');

const suppressionSchema = z
  .strictObject({
    detection: text.optional().describe('Id of a detection; default: all'),
    key: text.optional().describe('Key of a finding, as printed'),
    address: network.optional().describe('An address or network in the evidence'),
    port: z.int().min(0).max(65535).optional().describe('A port in the evidence'),
    interface: text.optional().describe('An interface id in the evidence'),
    until: z.iso.date({ error: 'expected a day such as "2027-01-31" (in quotes): a suppression needs an end date' }),
    why: text.describe('Who approved it and why'),
  })
  .refine(({ key, address, port, interface: eni }) => [key, address, port, eni].some((value) => value !== undefined), {
    message: 'expected at least one of key, address, port, interface; to disable a detection, use its schedule',
  });

export const suppressionsSchema = z.array(suppressionSchema);
export type Suppression = z.output<typeof suppressionSchema>;

const ADDRESSES = ['srcaddr', 'dstaddr', 'actor', 'listed_address', 'own_address'];
const PORTS = ['dstport', 'lowest_port'];
const INTERFACES = ['interface_id', 'actor'];

function covers(range: string, value: unknown): boolean {
  if (typeof value !== 'string' || !ipaddr.isValid(value)) return false;
  const address = ipaddr.process(value);
  const [base, length] = ipaddr.isValidCIDR(range)
    ? ipaddr.parseCIDR(range)
    : ([ipaddr.process(range), ipaddr.process(range).kind() === 'ipv4' ? 32 : 128] as [ipaddr.IPv4 | ipaddr.IPv6, number]);
  return address.kind() === base.kind() && address.match(base, length);
}

const holds = (finding: Finding, columns: readonly string[], is: (value: unknown) => boolean) =>
  columns.some((name) => is(finding.evidence[name]));

/** Whether a suppression, still in force at `now`, covers a finding: all that it names must hold. */
const matches = (suppression: Suppression, finding: Finding): boolean =>
  (suppression.detection === undefined || suppression.detection === finding.detection) &&
  (suppression.key === undefined || suppression.key === finding.key) &&
  (suppression.address === undefined || holds(finding, ADDRESSES, (value) => covers(suppression.address ?? '', value))) &&
  (suppression.port === undefined || holds(finding, PORTS, (value) => value === suppression.port)) &&
  (suppression.interface === undefined || holds(finding, INTERFACES, (value) => value === suppression.interface));

/** Suppressions in force: `until` is the last day, in UTC. */
export const inForce = (suppressions: readonly Suppression[], now: Date): Suppression[] =>
  suppressions.filter(({ until }) => now.toISOString().slice(0, 10) <= until);

/** The suppression that silences a finding. */
export const suppressedBy = (suppressions: readonly Suppression[], finding: Finding): Suppression | undefined =>
  suppressions.find((suppression) => matches(suppression, finding));
