import { ConvertError, labelOf, type LabelledFlow, numberOf, protocolOf } from './flow';

/** Names that argus' clients and the sets made with it give to a column, in small letters. */
const COLUMNS = {
  at: ['starttime', 'stime'],
  seconds: ['dur'],
  protocol: ['proto'],
  src: ['srcaddr', 'saddr', 'srcip'],
  srcPort: ['sport'],
  dst: ['dstaddr', 'daddr', 'dstip'],
  dstPort: ['dport', 'dsport'],
  state: ['state'],
  packets: ['totpkts', 'pkts'],
  bytes: ['totbytes', 'bytes'],
  sentPackets: ['srcpkts', 'spkts'],
  sentBytes: ['srcbytes', 'sbytes'],
  receivedPackets: ['dstpkts', 'dpkts'],
  receivedBytes: ['dstbytes', 'dbytes'],
  label: ['label'],
  category: ['attack_cat'],
} as const;
type Column = keyof typeof COLUMNS;
const NEEDED: readonly Column[] = ['at', 'protocol', 'src', 'dst', 'state'];

/**
 * Argus flows as CSV with a header: `.binetflow` of CTU-13, `ra -c ,`, UNSW-NB15 (with a header from its list of features).
 * @throws ConvertError naming file, line, what was got and expected
 */
export function* readArgus(text: string, file: string): Generator<LabelledFlow> {
  const lines = text.split('\n');
  const header = (lines[0] ?? '').trim().toLowerCase().split(',');
  const places = Object.fromEntries(
    Object.entries(COLUMNS).map(([column, names]) => [
      column,
      header.findIndex((name) => (names as readonly string[]).includes(name.trim())),
    ]),
  ) as Record<Column, number>;
  const missing = NEEDED.filter((column) => places[column] < 0);
  if (missing.length > 0)
    throw new ConvertError(
      file,
      1,
      `no column ${missing.map((column) => COLUMNS[column].join(' or ')).join(', ')}: expected a CSV with a header of argus' names`,
    );
  for (const [i, line] of lines.slice(1).entries()) {
    if (line.trim() === '') continue;
    const cells = line.split(',');
    const cell = (column: Column) => (places[column] < 0 ? undefined : cells[places[column]]?.trim());
    const number = (column: Column) => numberOf(cell(column), file, i + 2, column);
    const protocol = protocolOf(cell('protocol') ?? '');
    if (protocol === undefined) continue;
    const portless = protocol !== 6 && protocol !== 17;
    const port = (column: Column) => (portless ? 0 : portOf(cell(column) ?? '', file, i + 2, column));
    const { sent, received } = volumes(cell, number);
    const state = cell('state') ?? '';
    yield {
      at: timeOf(cell('at') ?? '', file, i + 2),
      seconds: number('seconds'),
      client: { address: cell('src') ?? '', port: port('srcPort') },
      server: { address: cell('dst') ?? '', port: port('dstPort') },
      protocol,
      sent: { packets: Math.max(1, sent.packets), bytes: Math.max(28, sent.bytes) },
      received,
      outcome: outcomeOf(state, protocol, received.packets),
      label: cell('category') ? labelOf(cell('category')) : labelOf(cell('label')),
    };
  }
}

type Cell = (column: Column) => string | undefined;

/** Older files have only totals and what the source sent. */
function volumes(cell: Cell, number: (column: Column) => number) {
  if (cell('sentPackets') !== undefined)
    return {
      sent: { packets: number('sentPackets'), bytes: number('sentBytes') },
      received: { packets: number('receivedPackets'), bytes: number('receivedBytes') },
    };
  const [packets, bytes, sentBytes] = [number('packets'), number('bytes'), number('sentBytes')];
  const receivedBytes = Math.max(0, bytes - sentBytes);
  // One acknowledgement for a packet or two: nearer to half than to the share of bytes.
  const receivedPackets = receivedBytes === 0 ? 0 : Math.max(1, Math.min(packets - 1, Math.round(packets / 2)));
  return { sent: { packets: packets - receivedPackets, bytes: sentBytes }, received: { packets: receivedPackets, bytes: receivedBytes } };
}

/** Flags of both sides as `FSPA_FSPA`, or a word: https://openargus.org/oldsite/documentation.shtml (ra, `state`). */
function outcomeOf(state: string, protocol: number, received: number): LabelledFlow['outcome'] {
  const [, back] = state.split('_');
  if (protocol === 6 && back !== undefined) return back === '' ? 'unanswered' : back.startsWith('R') ? 'closed' : 'answered';
  if (state === 'RST' && received <= 1 && protocol === 6) return 'closed';
  return state === 'REQ' || state === 'INT' || received === 0 ? 'unanswered' : 'answered';
}

function timeOf(text: string, file: string, line: number): number {
  const seconds = Number(text);
  if (text !== '' && !Number.isNaN(seconds)) return seconds;
  const ms = Date.parse(`${text.replaceAll('/', '-').replace(' ', 'T').slice(0, 23)}Z`);
  if (Number.isNaN(ms))
    throw new ConvertError(file, line, `time ${JSON.stringify(text)}: expected Unix seconds or 2011/08/10 09:46:53.047277`);
  return ms / 1000;
}

/** Decimal, or `0x0016`. */
const portOf = (text: string, file: string, line: number, column: string): number =>
  /^0x[0-9a-f]+$/i.test(text) ? parseInt(text, 16) : numberOf(text, file, line, column);
