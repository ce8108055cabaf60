/** Sections 2 and 3 of issue 16 as data: what CI holds the reporting half to. */
export const PROMISES = {
  /** Findings per 100 interfaces and week on ordinary networks. */
  noise: { mediumAndAbove: 1, high: 0, ofEachKind: 5 },
  /** Share of incidents found. */
  recall: { refused: 0.9, open: 0.8, strict: 0.8 },
  /** Share of what is told that is about an incident. */
  precision: 0.95,
  findingsPerIncident: 1.5,
  /** Median of the kinds that can be told in a quarter of an hour. */
  promptDelayMinutes: 15,
} as const;
