import { PEERS } from './peers/all';

export const OURS = 'flow-log-analytics';
/** Names, ours first. */
export const RULE_SETS: readonly string[] = [OURS, ...PEERS.map(({ name }) => name)];
