import { crc32, deflateRawSync } from 'node:zlib';
import { Header } from 'tar';

export interface Entry {
  readonly name: string;
  readonly content?: string | Buffer;
  /** As the tar library calls it. */
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'FIFO';
}

const BLOCK = 512;

/** A tar archive with exactly these names, whatever they are. */
export function tarOf(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ name, content = '', type = 'File' }) => {
    const bytes = Buffer.from(content);
    const header = Buffer.alloc(BLOCK);
    const link = type === 'SymbolicLink' || type === 'Link' ? { linkpath: '/etc/passwd' } : {};
    new Header({ path: name, mode: 0o644, uid: 0, gid: 0, size: bytes.length, mtime: new Date(0), type, ...link }).encode(header);
    return [header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

export interface ZipEntry extends Entry {
  readonly encrypted?: true;
  readonly method?: number;
  readonly wrongChecksum?: true;
}

/** A zip archive with exactly these names, whatever they are. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  // A bomb is the same megabyte many times.
  const deflated = new Map<string | Buffer, Buffer>();
  let offset = 0;
  for (const { name, content = '', encrypted, method = 8, wrongChecksum } of entries) {
    const bytes = Buffer.from(content);
    const stored = method === 0 ? bytes : (deflated.get(content) ?? deflateRawSync(bytes));
    if (method !== 0) deflated.set(content, stored);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(encrypted === true ? 1 : 0, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE((crc32(bytes) ^ (wrongChecksum === true ? 1 : 0)) >>> 0, 10);
    common.writeUInt32LE(stored.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), stored]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), common, tail, Buffer.from(name)]));
    files.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, central, Buffer.from('PK\x05\x06'), end]);
}
