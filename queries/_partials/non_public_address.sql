-- True for an address that the internet does not route: RFC 1918 private, RFC 6598 carrier-grade NAT, RFC 4193 unique local, loopback, link-local,
-- documentation, benchmarking, multicast and reserved. https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry
-- Every IPv4 network of the list ends within three numbers, which are faster to compare than contains() on every record.
(CASE WHEN strpos([[address]], ':') = 0 THEN
  TRY_CAST(split_part([[address]], '.', 1) AS BIGINT) IN (0, 10, 127)
  OR TRY_CAST(split_part([[address]], '.', 1) AS BIGINT) >= 224
  OR (TRY_CAST(split_part([[address]], '.', 1) AS BIGINT) = 100 AND TRY_CAST(split_part([[address]], '.', 2) AS BIGINT) BETWEEN 64 AND 127)
  OR (TRY_CAST(split_part([[address]], '.', 1) AS BIGINT) = 169 AND TRY_CAST(split_part([[address]], '.', 2) AS BIGINT) = 254)
  OR (TRY_CAST(split_part([[address]], '.', 1) AS BIGINT) = 172 AND TRY_CAST(split_part([[address]], '.', 2) AS BIGINT) BETWEEN 16 AND 31)
  OR (TRY_CAST(split_part([[address]], '.', 1) AS BIGINT) = 192 AND (TRY_CAST(split_part([[address]], '.', 2) AS BIGINT) = 168 OR (TRY_CAST(split_part([[address]], '.', 2) AS BIGINT) = 0 AND TRY_CAST(split_part([[address]], '.', 3) AS BIGINT) IN (0, 2))))
  OR (TRY_CAST(split_part([[address]], '.', 1) AS BIGINT) = 198 AND (TRY_CAST(split_part([[address]], '.', 2) AS BIGINT) IN (18, 19) OR (TRY_CAST(split_part([[address]], '.', 2) AS BIGINT) = 51 AND TRY_CAST(split_part([[address]], '.', 3) AS BIGINT) = 100)))
  OR (TRY_CAST(split_part([[address]], '.', 1) AS BIGINT) = 203 AND TRY_CAST(split_part([[address]], '.', 2) AS BIGINT) = 0 AND TRY_CAST(split_part([[address]], '.', 3) AS BIGINT) = 113)
ELSE
  contains('::/127', TRY_CAST([[address]] AS IPADDRESS))
  OR contains('64:ff9b:1::/48', TRY_CAST([[address]] AS IPADDRESS))
  OR contains('100::/64', TRY_CAST([[address]] AS IPADDRESS))
  OR contains('2001:db8::/32', TRY_CAST([[address]] AS IPADDRESS))
  OR contains('3fff::/20', TRY_CAST([[address]] AS IPADDRESS))
  OR contains('fc00::/7', TRY_CAST([[address]] AS IPADDRESS))
  OR contains('fe80::/10', TRY_CAST([[address]] AS IPADDRESS))
  OR contains('ff00::/8', TRY_CAST([[address]] AS IPADDRESS))
END)
