/**
 * NetFlow and IPFIX as nfdump prints them: `-o csv` of versions 1.6 and 1.7, `-o csv:…`, `-o json` and `-o ndjson`.
 * https://github.com/phaag/nfdump
 */
import { csvFields } from '../csv-line';
import { jsonFile, startsLikeJson } from './json';
import type { ForeignLines, ForeignRecord } from './lines';
import { type FileReader, jsonOrRows, perFile } from './reader';
import { firstLine, rowFile } from './rows';
import { addressType, type Json, objectOf, textOf, timeOf, Values } from './values';

/** What the versions call the same thing; the long names are those of data sets that were made with `-o long`. */
const NAMES = {
  first: ['ts', 'firstSeen', 'first', 't_first', 'Date first seen'],
  last: ['te', 'lastSeen', 'last', 't_last', 'Date last seen'],
  duration: ['td', 'duration', 'Duration'],
  protocol: ['pr', 'proto', 'Proto'],
  source: ['sa', 'srcAddr', 'src4_addr', 'src6_addr', 'src_addr', 'Src IP Addr'],
  target: ['da', 'dstAddr', 'dst4_addr', 'dst6_addr', 'dst_addr', 'Dst IP Addr'],
  sourcePort: ['sp', 'srcPort', 'src_port', 'Src Pt'],
  targetPort: ['dp', 'dstPort', 'dst_port', 'Dst Pt'],
  packets: ['ipkt', 'pkt', 'packets', 'inPackets', 'in_packets', 'Packets'],
  bytes: ['ibyt', 'byt', 'bytes', 'inBytes', 'in_bytes', 'Bytes'],
  answeredPackets: ['opkt', 'outPackets', 'out_packets'],
  answeredBytes: ['obyt', 'outBytes', 'out_bytes'],
  flags: ['flg', 'flags', 'tcp_flags', 'Flags'],
  forwarding: ['fwd', 'fwdStatus', 'fwd_status'],
  input: ['in', 'input', 'input_snmp'],
  output: ['out', 'output', 'output_snmp'],
  direction: ['dir', 'direction'],
  exporter: ['ra', 'routerIP', 'ip4_router', 'ip6_router', 'exporterID', 'export_sysid'],
  sourceAs: ['sas', 'srcAS', 'src_as'],
  targetAs: ['das', 'dstAS', 'dst_as'],
  sourceTos: ['stos', 'tos', 'srcTos', 'src_tos', 'Tos'],
  icmpType: ['icmpTYpe', 'icmpType', 'icmp_type', 'it'],
  icmpCode: ['icmpCode', 'icmp_code', 'ic'],
  label: ['label', 'class'],
  detailedLabel: ['attackType'],
} as const satisfies Record<string, readonly string[]>;

type Name = keyof typeof NAMES;

const BITS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, A: 16 };

/**
 * Flags as AWS counts them. That a SYN came with its ACK shows in a flow of one packet only: of several, each may have had one of them.
 * Letters (`...AP.SF`) or a number.
 */
function flagsOf(text: string, onePacket: boolean): number | undefined {
  const seen = /^(?:0x[0-9a-f]+|\d+)$/i.test(text)
    ? Number(text)
    : /^[.CEUAPRSF]+$/.test(text)
      ? Array.from(text).reduce((flags, letter) => flags | (BITS[letter] ?? 0), 0)
      : undefined;
  if (seen === undefined) return undefined;
  return (seen & 7) | (onePacket && (seen & 18) === 18 ? 16 : 0);
}

/** What nfdump prints for people: `1.2 M` is 1.2 million. */
const SCALES: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

function unscaled(value: unknown): unknown {
  const [, number, scale] = /^\s*(\d+(?:\.\d+)?)\s*([KMGT])\s*$/.exec(textOf(value) ?? '') ?? [];
  return number === undefined ? value : Math.round(Number(number) * (SCALES[scale ?? ''] ?? 1));
}

function read(lines: ForeignLines, line: number, value: unknown, raw: string): void {
  const fields: Json = objectOf(value);
  const get = (name: Name): unknown => {
    for (const known of NAMES[name])
      if (fields[known] !== undefined) return typeof fields[known] === 'string' ? fields[known].trim() : fields[known];
    return undefined;
  };
  const [source, target] = [textOf(get('source')), textOf(get('target'))];
  if (source === undefined && target === undefined)
    return lines.badLine(line, raw, 'not a flow: expected a source and a destination address');
  const values = new Values(lines, line);
  const [first, last, protocol] = [get('first'), get('last'), get('protocol')];
  values.required({ 'source address': source, 'destination address': target, 'first seen': first, protocol });
  const start = values.seconds('first seen', first);
  const duration = Number(textOf(get('duration')) ?? 0);
  const ended = last === undefined ? (timeOf(first) ?? 0) + (Number.isNaN(duration) ? 0 : duration) : undefined;
  const number = values.protocol('protocol', protocol);
  const icmp = number === 1 || number === 58;
  // Ports of ICMP are its type and code, as `8.0`.
  const [icmpType, icmpCode] = /^\d+\.\d+$/.test(textOf(get('targetPort')) ?? '') && icmp ? String(get('targetPort')).split('.') : [];
  const count = (name: Name) => values.count(name, unscaled(get(name)));
  const [srcport, dstport] = icmp ? [0, 0] : [count('sourcePort'), count('targetPort')];
  const forwarding = /^\d+$/.test(textOf(get('forwarding')) ?? '') ? Number(get('forwarding')) : undefined;
  const [packets, bytes] = [count('packets'), count('bytes')];
  const flags = textOf(get('flags'));
  const direction = String(textOf(get('direction')));
  const common: ForeignRecord = {
    version: 5,
    protocol: number,
    start,
    end: ended === undefined ? values.seconds('last seen', last) : start === undefined ? undefined : Math.floor(ended),
    // RFC 7270: the two upper bits of the status; 2 is dropped.
    action: forwarding !== undefined && forwarding >> 6 === 2 ? 'REJECT' : 'ACCEPT',
    'log-status': 'OK',
    type: addressType(source),
    exporter: textOf(get('exporter')),
    forwarding_status: forwarding,
    src_tos: count('sourceTos'),
    icmp_type: icmp ? (icmpType ?? count('icmpType')) : undefined,
    icmp_code: icmp ? (icmpCode ?? count('icmpCode')) : undefined,
    label: textOf(get('label')),
    detailed_label: textOf(get('detailedLabel')),
  };
  const interfaceOf = (name: 'input' | 'output') => (textOf(get(name)) === '0' ? undefined : textOf(get(name)));
  lines.record(line, {
    ...common,
    ...{ 'interface-id': interfaceOf('input'), srcaddr: source, dstaddr: target, srcport, dstport, packets, bytes },
    'tcp-flags':
      number === 6 && flags !== undefined
        ? (flagsOf(flags, packets === '1') ?? values.bad('flags', flags, 'letters such as ...AP.SF'))
        : undefined,
    'flow-direction': direction === '0' || direction === 'I' ? 'ingress' : direction === '1' || direction === 'E' ? 'egress' : undefined,
    src_as: count('sourceAs'),
    dst_as: count('targetAs'),
  });
  const [answeredPackets, answeredBytes] = [count('answeredPackets'), count('answeredBytes')];
  if (Number(answeredPackets ?? 0) + Number(answeredBytes ?? 0) === 0) return;
  lines.record(line, {
    ...common,
    ...{ 'interface-id': interfaceOf('output'), srcaddr: target, dstaddr: source, srcport: dstport, dstport: srcport },
    ...{ packets: answeredPackets, bytes: answeredBytes, src_as: count('targetAs'), dst_as: count('sourceAs') },
  });
}

/** Whether names are those of flows: when, from where, to where and by which protocol. */
function isHeader(line: string): boolean {
  const names = new Set(csvFields(line)?.map((name) => name.trim()));
  return (['first', 'source', 'target', 'protocol'] as const).every((name) => NAMES[name].some((known) => names.has(known)));
}

function csvFile(lines: ForeignLines): FileReader {
  let summary = false;
  return rowFile(lines, {
    header: (line) => {
      if (!isHeader(line)) return undefined;
      summary = false;
      return csvFields(line)?.map((name) => name.trim());
    },
    // Version 1.6 ends with a block of sums.
    passes: (line) => (summary ||= /^(?:Summary|No matched flows)/.test(line)),
    split: csvFields,
    row: read,
  });
}

export const nfdump = perFile(
  (head) =>
    startsLikeJson(head)
      ? /"(?:t_)?first"\s*:/.test(head) && /"src[46]?_addr"\s*:/.test(head)
      : head.includes(',') && isHeader(firstLine(head)),
  (lines) =>
    jsonOrRows(
      lines,
      () => jsonFile(lines, { arrays: new Set() }, read),
      () => csvFile(lines),
    ),
);
