export type InterfaceKind = 'instance' | 'node' | 'nat-gateway' | 'load-balancer' | 'endpoint' | 'transit-gateway' | 'function';

/** A network interface whose traffic is logged. */
export interface NetworkInterface {
  readonly id: string;
  readonly kind: InterfaceKind;
  /** Private addresses, the primary first; the others are of pods, or secondary ones. IPv4 or IPv6. */
  readonly addresses: readonly string[];
  readonly vpcId?: string;
  readonly subnetId?: string;
  /** Only for interfaces of instances. */
  readonly instanceId?: string;
  /** Unix seconds, half-open; undefined for as long as the capture lasts. */
  readonly from?: number;
  readonly to?: number;
  /** 60 (Nitro instances and logs that request it) or 600 seconds. Default 60. */
  readonly aggregationSeconds?: 60 | 600;
  /**
   * `far` for a log in which an intermediate interface shows the far end's address instead of its own on the side of the client.
   * Documented is `own`, the default.
   */
  readonly intermediateAddress?: 'own' | 'far';
}
