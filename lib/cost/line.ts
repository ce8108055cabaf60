/** A line of an estimate. */
export interface EstimateLine {
  readonly item: string;
  /** What it was computed from. */
  readonly how: string;
  /** A month. */
  readonly usd: number;
}
