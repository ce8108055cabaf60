import { athenaTypeOf, type Format, formatOf } from '../../flow-log/format';
import { FOREIGN_NAMES, type ForeignSource } from '../../flow-log/foreign';
import { toBytes } from '../bytes';
import { type Damage, damageText } from '../decode';
import { fitsInteger, MAX_SAMPLE } from '../lines';
import type { RecordSink } from '../unit-sink';

export type Value = string | number | undefined;

/** A record of another system: AWS's names to values; what is not given is unknown. */
export type ForeignRecord = Readonly<Record<string, Value>>;

const UNSAFE = /[\s\p{Cc}%]/gu;

/** A value as a token: unknown is `-`, white space and control characters, or what is given, are percent-encoded as AWS does it in tags. */
export function tokenOf(value: Value, encoded = UNSAFE): string {
  const text = String(value ?? '');
  return text === '' ? '-' : text.replace(encoded, (c) => encodeURIComponent(c));
}

/** Turns records of one file into lines for the spool; values that do not fit their column are NULL and counted. */
export class ForeignLines {
  private readonly format: Format;
  private readonly types: readonly ReturnType<typeof athenaTypeOf>[];

  constructor(
    source: ForeignSource,
    private readonly file: string,
    private readonly sink: RecordSink,
  ) {
    this.format = formatOf([...FOREIGN_NAMES[source]]);
    this.types = this.format.names.map(athenaTypeOf);
  }

  record(line: number, record: ForeignRecord): void {
    const tokens = this.format.names.map((name, i) => {
      const token = tokenOf(record[name]);
      const type = this.types[i];
      if (token === '-' || type === undefined || type === 'string' || fitsInteger(token, type)) return token;
      this.badValue(line, name, token, `expected ${type === 'int' ? 'a 32-bit' : 'a 64-bit'} integer, read as NULL`);
      return '-';
    });
    this.sink.record(this.format, toBytes(tokens.join(' ')));
  }

  badValue(line: number, field: string, value: unknown, what: string): void {
    const text = (typeof value === 'string' ? value : value === undefined ? 'nothing' : JSON.stringify(value)).slice(0, MAX_SAMPLE);
    this.sink.reject({ file: this.file, line, kind: 'value', reason: `field ${field}: ${what}`, text, field });
  }

  damaged(damage: Damage): void {
    this.badLine(1, '', damageText(damage));
  }

  badLine(line: number, text: string, reason: string): void {
    this.sink.reject({ file: this.file, line, kind: 'line', reason, text: text.slice(0, MAX_SAMPLE) });
  }
}
