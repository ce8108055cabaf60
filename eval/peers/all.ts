import { cloudwatch } from './cloudwatch';
import { elastic } from './elastic';
import { panther } from './panther';
import type { Peer } from './peer';
import { splunk } from './splunk';
import { tailpipe } from './tailpipe';

export const PEERS: readonly Peer[] = [elastic, splunk, panther, tailpipe, cloudwatch];
