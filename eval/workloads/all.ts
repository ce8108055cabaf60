import { containerHosts } from './container-hosts';
import { fleetNat } from './fleet-nat';
import { noiseOnPublicHosts } from './internet-noise';
import { monitoring } from './monitoring';
import { ownResolvers } from './own-resolvers';
import { webTier } from './web-tier';
import type { Workload } from './workload';

export const WORKLOADS: readonly Workload[] = [webTier, containerHosts, fleetNat, ownResolvers, monitoring, noiseOnPublicHosts];
