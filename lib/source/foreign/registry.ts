import { FOREIGN_SOURCES, type ForeignSource } from '../../flow-log/foreign';
import { alibaba } from './alibaba';
import { azure } from './azure';
import { gcp } from './gcp';
import { ibm } from './ibm';
import { jcs } from './jcs';
import { nfdump } from './nfdump';
import { oci } from './oci';
import type { ParquetSource, TextSource } from './reader';
import { securityLake } from './security-lake';
import { skydive } from './skydive';
import { zeek } from './zeek';

/** The reader of each source; a source without one does not compile. */
const READERS: Readonly<Record<ForeignSource, TextSource | ParquetSource>> = {
  ibm,
  jcs,
  skydive,
  'security-lake': securityLake,
  gcp,
  azure,
  oci,
  alibaba,
  zeek,
  nfdump,
};

/** Undefined for a source that is no text. */
export function textSource(source: ForeignSource): TextSource | undefined {
  const reader = READERS[source];
  return reader.form === 'text' ? reader : undefined;
}

export const PARQUET_SOURCES: readonly { readonly source: ForeignSource; readonly reader: ParquetSource }[] = FOREIGN_SOURCES.flatMap(
  (source) => {
    const reader = READERS[source];
    return reader.form === 'parquet' ? [{ source, reader }] : [];
  },
);

/** The source whose flow logs begin like this; undefined if that is none, or not one only. */
export function sourceOf(head: string): ForeignSource | undefined {
  const found = FOREIGN_SOURCES.filter((source) => textSource(source)?.claims(head) === true);
  return found.length === 1 ? found[0] : undefined;
}
