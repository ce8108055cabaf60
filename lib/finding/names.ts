/** Names that the deployed stack and whoever talks to it share. */

/** Stack outputs that `flowlogs --stack` reads. */
export const OUTPUTS = { workgroup: 'WorkgroupName', records: 'RecordsView', partitions: 'RecordsPartitions' } as const;
