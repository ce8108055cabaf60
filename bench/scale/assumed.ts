/** What no page of AWS says, or what was measured here only: docs/scale.md names each. */
export const ASSUMED = {
  /** Seconds until S3 answers a listing. */
  listingSeconds: 0.05,
  /** Seconds of a whole processor for a listing, and for each of its keys: measured with the SDK on a two-core machine. */
  processorListing: 0.004,
  processorKey: 0.00004,
  /** Requests to read objects of one bucket a second: as many as one of its partitions takes at least. https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html */
  readsPerSecond: 5500,
  /** GB of columns that Athena reads a second. */
  athenaGbPerSecond: 1,
  /** Seconds until S3 has tagged an object. */
  taggingSeconds: 0.05,
  /** Bytes of a row of a finding. */
  rowBytes: 1000,
  /** Questions that people ask at the same time. */
  people: 10,
} as const;

/** Hours that are read raw although there is a lake: the open one, the one that is settling, the one of the delivery slack. */
export const RAW_HOURS_BESIDE_LAKE = 3;

/**
 * As the constructs set them (`test/constructs/account.test.ts` compares). Days and hours of what an invocation lists: relations at the
 * full hour, compaction at every run.
 */
export const FUNCTIONS = {
  relations: { seconds: 14 * 60, usualMiB: 512, days: 2, hours: 26 },
  compact: { seconds: 15 * 60, usualMiB: 512, days: 3, hours: 49 },
  check: { seconds: 10 * 60, usualMiB: 256, days: 2, hours: 48 },
  run: { seconds: 15 * 60, usualMiB: 512 },
} as const;
