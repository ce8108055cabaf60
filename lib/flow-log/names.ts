/** Names that people know for the numbers in records. */

/** https://www.iana.org/assignments/protocol-numbers */
const PROTOCOLS: Readonly<Record<number, string>> = {
  0: 'HOPOPT',
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPv4',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'ICMPv6',
  88: 'EIGRP',
  89: 'OSPF',
  103: 'PIM',
  112: 'VRRP',
  115: 'L2TP',
  132: 'SCTP',
  136: 'UDPLite',
};

/** https://www.iana.org/assignments/service-names-port-numbers, and what scanners look for. */
const PORTS: Readonly<Record<number, string>> = {
  20: 'ftp-data',
  21: 'ftp',
  22: 'ssh',
  23: 'telnet',
  25: 'smtp',
  53: 'dns',
  67: 'dhcp',
  68: 'dhcp',
  69: 'tftp',
  80: 'http',
  110: 'pop3',
  111: 'rpcbind',
  123: 'ntp',
  135: 'msrpc',
  137: 'netbios',
  138: 'netbios',
  139: 'netbios',
  143: 'imap',
  161: 'snmp',
  179: 'bgp',
  389: 'ldap',
  443: 'https',
  445: 'smb',
  465: 'smtps',
  500: 'ike',
  514: 'syslog',
  587: 'submission',
  636: 'ldaps',
  853: 'dns-tls',
  873: 'rsync',
  993: 'imaps',
  995: 'pop3s',
  1080: 'socks',
  1433: 'mssql',
  1434: 'mssql-browser',
  1521: 'oracle',
  1723: 'pptp',
  1900: 'ssdp',
  2049: 'nfs',
  2181: 'zookeeper',
  2375: 'docker',
  2376: 'docker-tls',
  3128: 'proxy',
  3306: 'mysql',
  3389: 'rdp',
  4500: 'ipsec-nat',
  5060: 'sip',
  5432: 'postgresql',
  5601: 'kibana',
  5672: 'amqp',
  5900: 'vnc',
  5985: 'winrm',
  5986: 'winrm-tls',
  6379: 'redis',
  6443: 'kubernetes',
  8080: 'http-alt',
  8443: 'https-alt',
  9092: 'kafka',
  9200: 'elasticsearch',
  11211: 'memcached',
  27017: 'mongodb',
};

/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html, field traffic-path */
const TRAFFIC_PATHS: Readonly<Record<number, string>> = {
  1: 'same VPC',
  2: 'internet or gateway endpoint',
  3: 'virtual private gateway',
  4: 'peering in Region',
  5: 'peering across Regions',
  6: 'local gateway',
  7: 'gateway endpoint',
  8: 'internet gateway',
};

const TCP_FLAGS: readonly [number, string][] = [
  [1, 'FIN'],
  [2, 'SYN'],
  [4, 'RST'],
  [8, 'PSH'],
  [16, 'ACK'],
  [32, 'URG'],
];

/** Names of protocols in other systems, in addition to the names above. */
const PROTOCOL_ALIASES: Readonly<Record<string, number>> = { icmpv4: 1, icmp6: 58, 'ipv6-icmp': 58, 'udp-lite': 136 };

const PROTOCOL_NUMBERS = new Map([
  ...Object.entries(PROTOCOLS).map(([number, name]) => [name.toLowerCase(), Number(number)] as const),
  ...Object.entries(PROTOCOL_ALIASES),
]);

export const protocolName = (protocol: number): string | undefined => PROTOCOLS[protocol];
/** The number of a protocol that is named in any case. */
export const protocolNumber = (name: string): number | undefined => PROTOCOL_NUMBERS.get(name.toLowerCase());
/** The ports of a service that is named in any case; none for other words. */
export const portNumbers = (name: string): number[] =>
  Object.entries(PORTS).flatMap(([port, service]) => (service === name.toLowerCase() ? [Number(port)] : []));
/** Ports with the names of their services. */
export const namedPorts = (): [port: number, name: string][] => Object.entries(PORTS).map(([port, name]) => [Number(port), name]);
export const portName = (port: number): string | undefined => PORTS[port];
export const trafficPathName = (path: number): string | undefined => TRAFFIC_PATHS[path];

/** `18` to `SYN+ACK`; `0` to `none` (only ACK or PSH were seen). */
export const tcpFlagNames = (flags: number): string =>
  TCP_FLAGS.filter(([bit]) => (flags & bit) !== 0)
    .map(([, name]) => name)
    .join('+') || 'none';

export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
