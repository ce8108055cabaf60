import type { ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import { SCOPES, type ScopeName } from '../flow-log/definition';

/** What a flow log records the traffic of. */
export class FlowLogScope {
  /** All interfaces of a VPC, also those made later. */
  static vpc(vpc: IVpc): FlowLogScope {
    return new FlowLogScope('vpc', vpc.vpcId);
  }
  /** All interfaces of a VPC, by its id. */
  static vpcId(id: string): FlowLogScope {
    return new FlowLogScope('vpc', id);
  }
  /** All interfaces of a subnet, also those made later. */
  static subnet(subnet: ISubnet): FlowLogScope {
    return new FlowLogScope('subnet', subnet.subnetId);
  }
  /** All interfaces of a subnet, by its id. */
  static subnetId(id: string): FlowLogScope {
    return new FlowLogScope('subnet', id);
  }
  /** One interface. */
  static networkInterfaceId(id: string): FlowLogScope {
    return new FlowLogScope('networkInterface', id);
  }
  /** A regional NAT gateway. */
  static regionalNatGatewayId(id: string): FlowLogScope {
    return new FlowLogScope('regionalNatGateway', id);
  }
  /** All attachments of a transit gateway. */
  static transitGatewayId(id: string): FlowLogScope {
    return new FlowLogScope('transitGateway', id);
  }
  /** One attachment of a transit gateway. */
  static transitGatewayAttachmentId(id: string): FlowLogScope {
    return new FlowLogScope('transitGatewayAttachment', id);
  }
  /** A core network of Cloud WAN. */
  static coreNetworkId(id: string): FlowLogScope {
    return new FlowLogScope('coreNetwork', id);
  }
  /** One attachment of a core network. */
  static coreNetworkAttachmentId(id: string): FlowLogScope {
    return new FlowLogScope('coreNetworkAttachment', id);
  }
  /** One edge of a core network. */
  static coreNetworkEdge(id: string): FlowLogScope {
    return new FlowLogScope('coreNetworkEdge', id);
  }
  /** By the name that the app's config uses. */
  static of(kind: ScopeName, id: string): FlowLogScope {
    return new FlowLogScope(kind, id);
  }

  private constructor(
    /** Name in the configuration of the app. */
    readonly kind: ScopeName,
    /** Id of what is logged. */
    readonly resourceId: string,
  ) {}

  /** As EC2 calls it. */
  get resourceType(): string {
    return SCOPES[this.kind].resourceType;
  }

  /**
   * Whether traffic of the other scope is, or may be, recorded by this one too. The id alone does not show whether a subnet is in a VPC, so it may be.
   */
  mayOverlap(other: FlowLogScope): boolean {
    if (this.kind === other.kind) return this.resourceId === other.resourceId;
    const nested: Partial<Record<ScopeName, readonly ScopeName[]>> = {
      vpc: ['subnet', 'networkInterface', 'regionalNatGateway'],
      subnet: ['networkInterface'],
      transitGateway: ['transitGatewayAttachment'],
      coreNetwork: ['coreNetworkAttachment', 'coreNetworkEdge'],
      coreNetworkEdge: ['coreNetworkAttachment'],
    };
    return (nested[this.kind]?.includes(other.kind) ?? false) || (nested[other.kind]?.includes(this.kind) ?? false);
  }
}
