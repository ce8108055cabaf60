/** A network whose flow logs are delivered to one bucket, by what its size is. */
export interface Network {
  /** Text of the records, as AWS bills it. */
  readonly gbPerDay: number;
  readonly accounts: number;
  /** Each account delivers from each of them. */
  readonly regions: number;
  /** Flow logs of an account in a Region. */
  readonly flowLogs: number;
  readonly interfaces: number;
}

export const TERABYTE: Network = { gbPerDay: 1000, accounts: 500, regions: 20, flowLogs: 1, interfaces: 10_000 };

/** So many times as much of the same: accounts, interfaces and text, in as many Regions. */
export const scaled = (network: Network, times: number): Network => ({
  ...network,
  gbPerDay: network.gbPerDay * times,
  accounts: network.accounts * times,
  interfaces: network.interfaces * times,
});
