/** How much of the text a stored object holds: gzip text and Parquet of generated logs, measured (docs/cost.md). */
export const TEXT_SHARE = 0.16;
export const PARQUET_SHARE = 0.13;

/**
 * Share of a Parquet object in the recommended format that each column is, measured on generated logs (docs/cost.md); a
 * column that is not named is nearly constant and takes next to nothing.
 */
const COLUMN_SHARES: Readonly<Record<string, number>> = {
  srcaddr: 0.131,
  pkt_srcaddr: 0.131,
  srcport: 0.126,
  bytes: 0.117,
  dstport: 0.08,
  start: 0.076,
  pkt_dstaddr: 0.064,
  dstaddr: 0.064,
  end: 0.063,
  instance_id: 0.036,
  interface_id: 0.036,
  packets: 0.035,
  traffic_path: 0.012,
  tcp_flags: 0.009,
  flow_direction: 0.008,
  action: 0.006,
  protocol: 0.005,
};
const LEAST_SHARE = 0.0005;

/** Share of a Parquet object that columns (SQL names) are. */
export const rawShare = (columns: readonly string[]): number =>
  columns.reduce((sum, name) => sum + (COLUMN_SHARES[name] ?? LEAST_SHARE), 0);

/** Share of the text that is read for some columns: everything for text. */
export const readShare = (parquet: boolean, columns: readonly string[]): number =>
  parquet ? PARQUET_SHARE * rawShare(columns) : TEXT_SHARE;
