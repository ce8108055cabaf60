-- True for an address that the internet does not route: RFC 1918 private, RFC 6598 carrier-grade NAT, RFC 4193 unique local, loopback, link-local,
-- documentation, benchmarking, multicast and reserved. https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry
-- One pattern a family, of the text: many times faster than contains() or casts on every record, and contains() is so long a text in DuckDB that
-- to plan eight of them took longer than to read the logs. IPv4: every network of the list ends within three numbers. IPv6, in any spelling:
-- ::/127, 64:ff9b:1::/48, 100::/64, 2001:db8::/32, 3fff::/20, fc00::/7, fe80::/10 and ff00::/8.
(CASE WHEN strpos([[address]], ':') = 0 THEN
  regexp_like([[address]], '^(0|10|127|22[4-9]|23[0-9]|24[0-9]|25[0-5])\.|^100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|^169\.254\.|^172\.(1[6-9]|2[0-9]|3[01])\.|^192\.(168|0\.[02])\.|^198\.(1[89]|51\.100)\.|^203\.0\.113\.')
ELSE
  regexp_like(lower([[address]]), '^[0:]+[01]?$|^0?0?64:ff9b:0{0,3}1:|^0?100:(0{1,4}:0{1,4}:0{1,4}:|(0{1,4}:)*:(0{1,4}:)*([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,3})?$)|^2001:0?db8:|^3fff:0?[0-9a-f]{0,3}:|^f[cd][0-9a-f]{2}:|^fe[89ab][0-9a-f]:|^ff[0-9a-f]{2}:')
END)
