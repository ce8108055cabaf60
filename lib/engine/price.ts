/** What a query costs. Prices of us-east-1 as of 2026, which may be out of date or another Region's: every one can be overridden. */
export const PRICES = { athenaPerTb: 5, insightsPerGb: 0.005 } as const;

const MB = 1024 ** 2;
const GB = 1024 ** 3;
const TB = 1024 ** 4;

/** Athena rounds up to a megabyte and bills ten at least. https://aws.amazon.com/athena/pricing/ */
export const athenaCost = (bytesScanned: number, perTb: number = PRICES.athenaPerTb): number =>
  (Math.max(Math.ceil(bytesScanned / MB), 10) * MB * perTb) / TB;

/** https://aws.amazon.com/cloudwatch/pricing/ */
export const insightsCost = (bytesScanned: number, perGb: number = PRICES.insightsPerGb): number => (bytesScanned * perGb) / GB;
