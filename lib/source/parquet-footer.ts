/**
 * The end of a Parquet file, in Thrift's compact protocol, as far as it says which columns are texts.
 * https://parquet.apache.org/docs/file-format/metadata/, https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */

const TYPE = { true: 1, false: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, set: 10, map: 11, struct: 12 } as const;

interface Field {
  readonly id: number;
  readonly type: number;
  /** Byte range of its value. */
  readonly from: number;
  readonly to: number;
}

class Compact {
  constructor(
    private readonly bytes: Buffer,
    public at: number,
  ) {}

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new RangeError('the footer ends within a value');
    return byte;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  /** A signed integer. */
  integer(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  binary(): Buffer {
    const length = this.varint();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  list(): { type: number; size: number } {
    const head = this.byte();
    return { type: head & 15, size: head >> 4 === 15 ? this.varint() : head >> 4 };
  }

  /** Fields of a struct, up to and with its end. */
  fields(): Field[] {
    const found: Field[] = [];
    for (let id = 0; ;) {
      const head = this.byte();
      if (head === 0) return found;
      id = head >> 4 === 0 ? this.integer() : id + (head >> 4);
      const from = this.at;
      if ((head & 15) !== TYPE.true && (head & 15) !== TYPE.false) this.skip(head & 15);
      found.push({ id, type: head & 15, from, to: this.at });
    }
  }

  private skip(type: number): void {
    switch (type) {
      case TYPE.true:
      case TYPE.false:
      case TYPE.byte:
        this.byte();
        return;
      case TYPE.i16:
      case TYPE.i32:
      case TYPE.i64:
        this.varint();
        return;
      case TYPE.double:
        this.at += 8;
        return;
      case TYPE.binary:
        this.binary();
        return;
      case TYPE.list:
      case TYPE.set: {
        const items = this.list();
        for (let i = 0; i < items.size; i++) this.skip(items.type);
        return;
      }
      case TYPE.map: {
        const size = this.varint();
        const types = size === 0 ? 0 : this.byte();
        for (let i = 0; i < size; i++) {
          this.skip(types >> 4);
          this.skip(types & 15);
        }
        return;
      }
      case TYPE.struct:
        this.fields();
        return;
      default:
        throw new RangeError(`no type of Thrift: ${type}`);
    }
  }
}

/** Ids of the fields of FileMetaData and SchemaElement. */
const SCHEMA = 2;
const ELEMENT = { type: 1, name: 4, children: 5, converted: 6, logical: 10 } as const;
const BYTE_ARRAY = 6;
/** UTF8, ENUM, JSON. */
const CONVERTED_TEXTS = [0, 4, 19];
/** STRING, ENUM, JSON. */
const LOGICAL_TEXTS = [1, 4, 12];

/** The footer with all that it calls text called bytes, and the columns that held bytes before, at any depth. */
export function textsAsBytes(footer: Buffer): { footer: Buffer; bytes: Set<string> } {
  const schema = new Compact(footer, 0).fields().find(({ id }) => id === SCHEMA);
  if (schema === undefined) throw new RangeError('the footer has no schema');
  const reader = new Compact(footer, schema.from);
  const { size } = reader.list();
  const pieces = [footer.subarray(0, reader.at)];
  const bytes = new Set<string>();
  let column = '';
  // Elements that are still to come of each level: the root's, a column's, and so on.
  const open: number[] = [];
  for (let i = 0; i < size; i++) {
    const start = reader.at;
    const fields = reader.fields();
    const found = (id: number) => {
      const field = fields.find((one) => one.id === id);
      return field === undefined ? undefined : new Compact(footer, field.from);
    };
    if (open.length === 1) column = found(ELEMENT.name)?.binary().toString() ?? '';
    const isText =
      CONVERTED_TEXTS.includes(found(ELEMENT.converted)?.integer() ?? -1) ||
      LOGICAL_TEXTS.includes(found(ELEMENT.logical)?.fields()[0]?.id ?? -1);
    if (isText)
      pieces.push(
        structOf(
          footer,
          fields.filter(({ id }) => id !== ELEMENT.converted && id !== ELEMENT.logical),
        ),
      );
    else {
      pieces.push(footer.subarray(start, reader.at));
      if (found(ELEMENT.type)?.integer() === BYTE_ARRAY) bytes.add(column);
    }
    if (open.length > 0) open.push((open.pop() ?? 0) - 1);
    open.push(found(ELEMENT.children)?.integer() ?? 0);
    while (open.length > 1 && open.at(-1) === 0) open.pop();
  }
  return { footer: Buffer.concat([...pieces, footer.subarray(schema.to)]), bytes };
}

/** A struct of some fields of another; none of their ids is more than 15 apart. */
function structOf(footer: Buffer, fields: readonly Field[]): Buffer {
  let last = 0;
  const pieces = fields.flatMap(({ id, type, from, to }) => {
    const head = Buffer.of(((id - last) << 4) | type);
    last = id;
    return [head, footer.subarray(from, to)];
  });
  return Buffer.concat([...pieces, Buffer.of(0)]);
}
