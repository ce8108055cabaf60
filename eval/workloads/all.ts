import { autoscaling } from './autoscaling';
import { backupReplication } from './backup-replication';
import { bastionVpn } from './bastion-vpn';
import { cdnOrigin } from './cdn-origin';
import { ciRunners } from './ci-runners';
import { containerHosts } from './container-hosts';
import { daylightSaving } from './daylight-saving';
import { fleetNat } from './fleet-nat';
import { freshVpc } from './fresh-vpc';
import { functions } from './functions';
import { gapsLate } from './gaps-late';
import { gossip } from './gossip';
import { noiseOnPublicHosts } from './internet-noise';
import { kubernetesApi } from './kubernetes-api';
import { loadBalancers } from './load-balancers';
import { mailRelay } from './mail-relay';
import { monitoring } from './monitoring';
import { officeNat } from './office-nat';
import { ownResolvers } from './own-resolvers';
import { patchDay } from './patch-day';
import { peeringTransit } from './peering-transit';
import { queuesDatabases } from './queues-databases';
import { webTier } from './web-tier';
import { windowsDomain } from './windows-domain';
import type { Workload } from './workload';

export const WORKLOADS: readonly Workload[] = [
  webTier,
  officeNat,
  fleetNat,
  containerHosts,
  ciRunners,
  autoscaling,
  functions,
  ownResolvers,
  loadBalancers,
  backupReplication,
  patchDay,
  cdnOrigin,
  monitoring,
  bastionVpn,
  kubernetesApi,
  peeringTransit,
  freshVpc,
  daylightSaving,
  gapsLate,
  noiseOnPublicHosts,
  mailRelay,
  queuesDatabases,
  gossip,
  windowsDomain,
];
