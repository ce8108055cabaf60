import type { NetworkInterface } from './interface';

/** A flow-log record before it is written in a format. */
export interface CaptureRecord {
  readonly of: NetworkInterface;
  readonly ingress: boolean;
  readonly src: string;
  readonly dst: string;
  readonly packetSrc: string;
  readonly packetDst: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly protocol: number;
  packets: number;
  bytes: number;
  /** Unix seconds. */
  start: number;
  end: number;
  readonly accepted: boolean;
  /** FIN 1, SYN 2, RST 4, SYN-ACK 18, of the interval, OR-ed. */
  flags: number;
  readonly status: 'OK' | 'NODATA' | 'SKIPDATA';
}
