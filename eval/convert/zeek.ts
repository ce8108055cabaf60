import { ConvertError, labelOf, type LabelledFlow, numberOf, protocolOf } from './flow';

const NEEDED = ['ts', 'id.orig_h', 'id.orig_p', 'id.resp_h', 'id.resp_p', 'proto', 'conn_state'];
const ATTEMPTS = new Set(['S0', 'SH', 'RSTOS0']);

/**
 * Zeek's conn.log, as TSV with its `#fields` line or as JSON, a flow a line; `label` and `detailed-label` as in the Stratosphere project's
 * conn.log.labeled. States: https://docs.zeek.org/en/current/scripts/base/protocols/conn/main.zeek.html
 * @throws ConvertError naming file, line, what was got and expected
 */
export function* readZeek(text: string, file: string): Generator<LabelledFlow> {
  let names: string[] | undefined;
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    if (line.trim() === '') continue;
    if (line.startsWith('#')) {
      // Labelled files separate the labels from the rest with blanks.
      if (line.startsWith('#fields')) names = line.split(/\t|\s{2,}/).slice(1);
      continue;
    }
    const values = line.startsWith('{') ? fromJson(line, file, number) : fromTsv(line, names, file, number);
    const missing = NEEDED.filter((name) => values[name] === undefined);
    if (missing.length > 0) throw new ConvertError(file, number, `no ${missing.join(', ')}: expected the columns of Zeek's conn.log`);
    const protocol = protocolOf(values['proto'] ?? '');
    if (protocol === undefined) continue;
    const flow = (of: 'orig' | 'resp') => {
      const packets = numberOf(values[`${of}_pkts`], file, number, `${of}_pkts`);
      const bytes =
        numberOf(values[`${of}_ip_bytes`], file, number, `${of}_ip_bytes`) ||
        numberOf(values[`${of}_bytes`], file, number, `${of}_bytes`) + 40 * packets;
      return { packets, bytes };
    };
    const [sent, received] = [flow('orig'), flow('resp')];
    const state = values['conn_state'] ?? '';
    const portless = protocol !== 6 && protocol !== 17;
    const port = (name: string) => (portless ? 0 : numberOf(values[name], file, number, name));
    yield {
      at: numberOf(values['ts'], file, number, 'ts'),
      seconds: numberOf(values['duration'], file, number, 'duration'),
      client: { address: values['id.orig_h'] ?? '', port: port('id.orig_p') },
      server: { address: values['id.resp_h'] ?? '', port: port('id.resp_p') },
      protocol,
      sent: { ...sent, packets: Math.max(1, sent.packets), bytes: Math.max(40, sent.bytes) },
      received,
      outcome: state === 'REJ' ? 'closed' : ATTEMPTS.has(state) || received.packets === 0 ? 'unanswered' : 'answered',
      label:
        labelOf(values['label']) === undefined
          ? undefined
          : [labelOf(values['label']), labelOf(values['detailed-label'])].filter(Boolean).join(': '),
    };
  }
}

function fromTsv(line: string, names: readonly string[] | undefined, file: string, number: number): Record<string, string> {
  if (names === undefined)
    throw new ConvertError(file, number, "a record before any #fields line: expected Zeek's TSV with its header, or JSON");
  const cells = line.split(/\t|\s{2,}/);
  if (cells.length !== names.length)
    throw new ConvertError(file, number, `${cells.length} columns, expected the ${names.length} of #fields`);
  return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
}

function fromJson(line: string, file: string, number: number): Record<string, string> {
  try {
    const parsed = JSON.parse(line) as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(parsed).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
    );
  } catch {
    throw new ConvertError(file, number, 'not JSON: expected a connection a line');
  }
}
