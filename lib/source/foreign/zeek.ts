/**
 * Zeek's conn.log, as tab-separated values or JSON.
 * https://docs.zeek.org/en/master/logs/conn.html
 */
import { jsonFile, startsLikeJson } from './json';
import type { ForeignLines, ForeignRecord } from './lines';
import { type FileReader, jsonOrRows, perFile } from './reader';
import { rowFile } from './rows';
import { addressType, type Json, objectOf, textOf, timeOf, Values } from './values';

const FLAGS: Readonly<Record<string, number>> = { s: 2, h: 18, f: 1, r: 4 };
const TRUTH = { t: true, true: true, f: false, false: false } as const;
const ICMP = { IPv4: 1, IPv6: 58 } as const;

/** Flags that one side sent, as AWS counts them: a letter of the history each, in capitals from the originator. */
function flagsOf(history: string, originator: boolean): number {
  let flags = 0;
  for (const letter of history) {
    const lower = letter.toLowerCase();
    if ((letter !== lower) === originator) flags |= FLAGS[lower] ?? 0;
  }
  return flags;
}

/** Whether the monitored side began the connection; unknown where both sides are monitored or neither is. */
function directions(fields: Json): readonly [string, string] | readonly [] {
  const local = (name: string) => TRUTH[String(fields[name]).toLowerCase() as keyof typeof TRUTH] as boolean | undefined;
  const [originator, responder] = [local('local_orig'), local('local_resp')];
  if (originator === undefined || originator === responder) return [];
  return originator ? ['egress', 'ingress'] : ['ingress', 'egress'];
}

function read(lines: ForeignLines, line: number, value: unknown, raw: string): void {
  const found = objectOf(value);
  // Some shippers nest what Zeek names with a dot.
  const id = objectOf(found['id']);
  const fields: Json = { ...Object.fromEntries(Object.entries(id).map(([key, inner]) => [`id.${key}`, inner])), ...found };
  if (!('id.orig_h' in fields)) return lines.badLine(line, raw, 'not a connection: expected id.orig_h and id.resp_h');
  const values = new Values(lines, line);
  const ts = fields['ts'] ?? fields['_write_ts'];
  const [originator, responder] = [textOf(fields['id.orig_h']), textOf(fields['id.resp_h'])];
  const proto = textOf(fields['proto']);
  values.required({ ts, 'id.orig_h': originator, 'id.resp_h': responder, proto });
  const start = values.seconds('ts', ts);
  const duration = Number(textOf(fields['duration']) ?? 0);
  const type = addressType(originator);
  const icmp = proto?.toLowerCase() === 'icmp';
  const number = textOf(fields['ip_proto']);
  const history = textOf(fields['history']);
  const tcp = proto?.toLowerCase() === 'tcp';
  const count = (name: string) => values.count(name, fields[name]);
  const [port, otherPort] = [count('id.orig_p'), count('id.resp_p')];
  const sides = directions(fields);
  const common: ForeignRecord = {
    version: 5,
    protocol: icmp
      ? ICMP[type === 'IPv6' ? 'IPv6' : 'IPv4']
      : number !== undefined
        ? values.protocol('ip_proto', number)
        : proto === 'unknown_transport'
          ? undefined
          : values.protocol('proto', proto),
    start,
    end: start === undefined ? undefined : Math.floor((timeOf(ts) ?? start) + (Number.isNaN(duration) ? 0 : duration)),
    action: 'ACCEPT',
    'log-status': 'OK',
    type,
    conn_uid: textOf(fields['uid']),
    conn_service: textOf(fields['service']),
    conn_state: textOf(fields['conn_state']),
    conn_history: history,
    missed_bytes: count('missed_bytes'),
    icmp_type: icmp ? port : undefined,
    icmp_code: icmp ? otherPort : undefined,
    label: textOf(fields['label']),
    detailed_label: textOf(fields['detailed-label'] ?? fields['detailed_label']),
  };
  const flags = (ofOriginator: boolean) => (tcp && history !== undefined ? flagsOf(history, ofOriginator) : undefined);
  const [srcport, dstport] = icmp ? [0, 0] : [port, otherPort];
  const carried = (side: 'orig' | 'resp') => ({
    packets: count(`${side}_pkts`),
    bytes: count(`${side}_ip_bytes`) ?? count(`${side}_bytes`),
  });
  lines.record(line, {
    ...common,
    ...{ srcaddr: originator, dstaddr: responder, srcport, dstport, ...carried('orig') },
    ...{ 'tcp-flags': flags(true), 'flow-direction': sides[0] },
  });
  const answer = carried('resp');
  if (Number(answer.packets ?? 0) + Number(answer.bytes ?? 0) === 0) return;
  lines.record(line, {
    ...common,
    ...{ srcaddr: responder, dstaddr: originator, srcport: dstport, dstport: srcport, ...answer },
    ...{ 'tcp-flags': flags(false), 'flow-direction': sides[1] },
  });
}

/** Columns that labelled data sets add are within the last one, separated by blanks. */
const BLANKS = / {2,}/;

function tsvFile(lines: ForeignLines): FileReader {
  let separator = '\t';
  let unset = '-';
  let empty = '(empty)';
  let within = 1;
  const spelt = (text: string) => text.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  const setting = (line: string, name: string) => (line.startsWith(`#${name}`) ? line.slice(name.length + 2) : undefined);
  return rowFile(lines, {
    header: (line) => {
      const names = setting(line, 'fields')?.split(separator);
      if (names === undefined) return undefined;
      const last = (names.pop() ?? '').split(BLANKS);
      within = last.length;
      return [...names, ...last];
    },
    passes: (line) => {
      separator = spelt(setting(line, 'separator') ?? separator);
      unset = setting(line, 'unset_field') ?? unset;
      empty = setting(line, 'empty_field') ?? empty;
      return line.startsWith('#');
    },
    split: (line) => {
      const values = line.split(separator);
      if (within > 1) values.push(...(values.pop() ?? '').split(BLANKS));
      return values.map((value) => (value === unset || value === empty ? '' : value));
    },
    row: read,
  });
}

/** Other logs of Zeek have addresses too, but no bytes, packets or state of a connection. */
const CONNECTION = /\b(?:conn_state|orig_bytes|orig_pkts|orig_ip_bytes)\b/;

export const zeek = perFile(
  (head) => {
    if (startsLikeJson(head)) return /"(?:id\.orig_h|orig_h)"\s*:/.test(head) && CONNECTION.test(head);
    if (!head.trimStart().startsWith('#')) return false;
    const fields = /^#fields.*$/m.exec(head)?.[0] ?? '';
    return fields.includes('id.orig_h') && CONNECTION.test(fields);
  },
  (lines) =>
    jsonOrRows(
      lines,
      () => jsonFile(lines, { arrays: new Set() }, read),
      () => tsvFile(lines),
    ),
);
