/** What a file that is no text says of itself in its first bytes, and what to do with it. */
const SIGNATURES: readonly (readonly [bytes: string, what: string])[] = [
  ['BZh', 'bzip2: unpack it yourself, or pipe it (`bzcat x | flowlogs … -`)'],
  ['\xfd7zXZ\0', 'xz: unpack it yourself, or pipe it (`xzcat x | flowlogs … -`)'],
  ['7z\xbc\xaf\x27\x1c', 'a 7-Zip archive: unpack it yourself'],
  ['Rar!\x1a\x07', 'a RAR archive: unpack it yourself'],
  ['\x04\x22\x4d\x18', 'lz4: unpack it yourself, or pipe it (`lz4cat x | flowlogs … -`)'],
  ['ORC', 'ORC: expected Parquet; use UNLOAD with format = PARQUET'],
  ['Obj\x01', 'Avro: expected Parquet; use UNLOAD with format = PARQUET'],
  ['\x0c\xa5', 'a file of nfdump: print it with `nfdump -r x -o csv`'],
  ['\xa5\x0c', 'a file of nfdump: print it with `nfdump -r x -o csv`'],
  ...['\xd4\xc3\xb2\xa1', '\xa1\xb2\xc3\xd4', '\x4d\x3c\xb2\xa1', '\xa1\xb2\x3c\x4d', '\x0a\x0d\x0d\x0a'].map(
    (bytes) => [bytes, 'a packet capture: convert it to connections with `zeek -r x`, or to flows with nfpcapd'] as const,
  ),
];

/** Undefined for what may be text. One character a byte. */
export function binaryOf(head: string): string | undefined {
  const known = SIGNATURES.find(([bytes]) => head.startsWith(bytes))?.[1];
  // Letters may begin a text too, which has no such characters.
  const isText = () => Array.from(head).every((char) => char >= ' ' || '\t\r\n'.includes(char));
  return known !== undefined && !isText() ? known : head.includes('\0') ? 'binary content' : undefined;
}
