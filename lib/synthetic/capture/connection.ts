/** One end of a connection, as in the packets' headers. */
export interface Endpoint {
  readonly address: string;
  /** 0 for protocols without ports. */
  readonly port: number;
}

export interface Volume {
  readonly packets: number;
  /** With headers, as flow logs count them. */
  readonly bytes: number;
}

/**
 * Outcome, for both sides. `answered`: packets went both ways. `closed`: no one listens, the server's host answers with
 * RST. `unanswered`: what was sent arrives nowhere, or is dropped by a host, or is UDP that needs no answer. `refused`: the
 * security group of the server does not admit it. `blocked`: the security group of the client does not let it out.
 */
export type Outcome = 'answered' | 'closed' | 'unanswered' | 'refused' | 'blocked';

/** An interface between client and server that hands packets on: a NAT gateway, a load balancer, a transit gateway's attachment. */
export interface Hop {
  readonly interfaceId: string;
  /** The client's end behind the hop, if the hop rewrites it. */
  readonly client?: Endpoint;
  /** The server's end behind the hop, if the hop rewrites it. */
  readonly server?: Endpoint;
  /** Which of its two sides write records: an attachment writes that towards its own VPC only. Default both. */
  readonly sides?: 'both' | 'client' | 'server';
}

/** A connection, or an exchange of an protocol without connections, at the level of the network. */
export interface Connection {
  /** Unix seconds of the first packet; fractions are allowed. */
  readonly at: number;
  /** From the first packet to the last. */
  readonly seconds: number;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly protocol: number;
  /** What the client sends, over the whole life. Without an answer these are its attempts. */
  readonly sent: Volume;
  /** What the client receives, over the whole life. Read only where `answered`. */
  readonly received: Volume;
  readonly outcome: Outcome;
  /** How a TCP connection ends; `open` if it outlives what is captured. Default `fin`. */
  readonly ending?: 'fin' | 'reset' | 'open';
  /** Packets that arrive after the connection was closed: the receiving interface says REJECT. */
  readonly late?: Volume & { readonly by: 'client' | 'server'; readonly afterSeconds: number };
  /** From the client's side to the server's. */
  readonly via?: readonly Hop[];
}
