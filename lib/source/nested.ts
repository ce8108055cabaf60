/** SQL of values with bytes inside: nested columns of files whose texts are given as bytes. */
import { sqlName } from './duckdb';

interface Nested {
  /** SQL of the value with text for bytes; bytes that are no UTF-8 as `\xFF`. */
  readonly text: string;
  /** SQL that is true where some of the bytes are no UTF-8; undefined where there are none. */
  readonly broken: string | undefined;
}

/** A type as DuckDB prints it: a word, perhaps of members in parentheses, perhaps with `[]` behind it: a list. */
type Type =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'list'; readonly of: Type }
  | { readonly kind: 'struct'; readonly members: readonly { readonly name: string; readonly type: Type }[] }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type };

class TypeParser {
  private at = 0;

  constructor(private readonly text: string) {}

  get isAtEnd(): boolean {
    return this.at === this.text.length;
  }

  type(): Type {
    let type = this.single();
    for (let list = this.take(/\[\d*\]/y); list !== undefined; list = this.take(/\[\d*\]/y)) type = { kind: 'list', of: type };
    return type;
  }

  private single(): Type {
    if (this.take(/STRUCT\(/y) !== undefined) {
      const members: { name: string; type: Type }[] = [];
      do {
        const name = this.take(/"(?:[^"]|"")*"|[^\s"(),]+/y) ?? '';
        this.take(/ /y);
        members.push({ name: name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name, type: this.type() });
      } while (this.take(/, /y) !== undefined);
      this.take(/\)/y);
      return { kind: 'struct', members };
    }
    if (this.take(/MAP\(/y) !== undefined) {
      const key = this.type();
      this.take(/, /y);
      const value = this.type();
      this.take(/\)/y);
      return { kind: 'map', key, value };
    }
    return { kind: 'word', text: this.take(/[A-Z_0-9]+(?: [A-Z]+)*(?:\([^()]*\))?/y) ?? '' };
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? [];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}

/** @param sql a value of this type */
export function nestedOf(sql: string, type: string): Nested {
  const parser = new TypeParser(type);
  const parsed = parser.type();
  return parser.isAtEnd ? ofType(sql, parsed, 0) : { text: sql, broken: undefined };
}

function ofType(sql: string, type: Type, depth: number): Nested {
  const one = `e${depth}`;
  switch (type.kind) {
    case 'word': {
      if (type.text !== 'BLOB') return { text: sql, broken: undefined };
      const decoded = `TRY(decode(${sql}))`;
      return { text: `coalesce(${decoded}, ${sql}::VARCHAR)`, broken: `(${sql} IS NOT NULL AND ${decoded} IS NULL)` };
    }
    case 'list': {
      const item = ofType(one, type.of, depth + 1);
      if (item.broken === undefined) return { text: sql, broken: undefined };
      return {
        text: `list_transform(${sql}, lambda ${one}: ${item.text})`,
        broken: `coalesce(list_bool_or(list_transform(${sql}, lambda ${one}: ${item.broken})), false)`,
      };
    }
    case 'struct': {
      const members = type.members.map(({ name, type: of }) => ({ name, ...ofType(`${sql}.${sqlName(name)}`, of, depth) }));
      const broken = members.flatMap((member) => (member.broken === undefined ? [] : [member.broken]));
      if (broken.length === 0) return { text: sql, broken: undefined };
      const packed = members.map(({ name, text }) => `${sqlName(name)} := ${text}`);
      return { text: `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(${packed.join(', ')}) END`, broken: `(${broken.join(' OR ')})` };
    }
    case 'map': {
      const entries: Type = { kind: 'list', of: { kind: 'struct', members: [entry('key', type.key), entry('value', type.value)] } };
      const { text, broken } = ofType(`map_entries(${sql})`, entries, depth);
      return broken === undefined ? { text: sql, broken } : { text: `map_from_entries(${text})`, broken };
    }
  }
}

const entry = (name: string, type: Type) => ({ name, type });
