import { adminLogin } from './admin-login';
import type { AttackKind } from './attack';
import { beaconOut } from './beacon';
import { distributedCrowd } from './crowd';
import { dnsTunnel } from './dns-tunnel';
import { exfiltration } from './exfiltration';
import { floodIn } from './flood-in';
import { floodOut } from './flood-out';
import { guessSucceeds } from './guess-succeeds';
import { guessing } from './guessing';
import { hammering } from './hammering';
import { heldOpen } from './held-open';
import { lateral } from './lateral';
import { portScan } from './port-scan';
import { scanBetweenGroups } from './scan-between-groups';
import { scanInside } from './scan-inside';
import { slowScan } from './slow-scan';
import { spamOut } from './spam';
import { sweepIn } from './sweep-in';
import { sweepOut } from './sweep-out';

export const ATTACKS: readonly AttackKind[] = [
  portScan,
  sweepIn,
  hammering,
  slowScan,
  scanBetweenGroups,
  distributedCrowd,
  sweepOut,
  scanInside,
  guessing,
  guessSucceeds,
  spamOut,
  floodOut,
  floodIn,
  beaconOut,
  heldOpen,
  exfiltration,
  dnsTunnel,
  adminLogin,
  lateral,
];
