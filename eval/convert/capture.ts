import { Capture } from '../../lib/synthetic/capture/capture';
import type { CaptureRecord } from '../../lib/synthetic/capture/record';
import type { LabelledFlow } from './flow';
import type { Happening } from './incidents';

/** What the groups of the own hosts do with what was not answered. */
export type Groups = 'closed' | 'open';

const interfaceOf = (address: string) => `eni-${address.replace(/[.:]/g, '-')}`;

/**
 * Flows as the records of an interface for each own host. Groups are not known from a capture on the wire: with `closed` ones, what nobody
 * answered was refused at the receiver, with `open` ones it was let through; outwards all is let out, AWS's default. Both are assumptions.
 */
export function captured(
  flows: readonly LabelledFlow[],
  isOwn: (address: string) => boolean,
  groups: Groups,
): { records: CaptureRecord[]; happenings: Happening[] } {
  const from = Math.floor(flows.reduce((least, { at }) => Math.min(least, at), Infinity));
  const to = Math.ceil(flows.reduce((most, { at, seconds }) => Math.max(most, at + seconds), 0)) + 1;
  const capture = new Capture({ from, to });
  const own = new Set(flows.flatMap(({ client, server }) => [client.address, server.address]).filter(isOwn));
  for (const address of [...own].sort()) capture.add({ id: interfaceOf(address), kind: 'instance', addresses: [address] });
  const happenings: Happening[] = [];
  for (const flow of flows) {
    const { client, server, at, seconds, outcome, label } = flow;
    const refused = groups === 'closed' && outcome !== 'answered' && own.has(server.address);
    capture.connect({ ...flow, outcome: refused ? 'refused' : outcome });
    if (label !== undefined)
      happenings.push({
        label,
        source: client.address,
        target: server.address,
        interfaces: [client.address, server.address].filter((address) => own.has(address)).map(interfaceOf),
        from: at,
        to: at + seconds,
      });
  }
  return { records: capture.sorted(), happenings };
}
