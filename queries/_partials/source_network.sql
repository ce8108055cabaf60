-- The network of an address as providers hand them out: /24, or /48 of IPv6.
(CASE WHEN strpos([[address]], ':') = 0 THEN split_part([[address]], '.', 1) || '.' || split_part([[address]], '.', 2) || '.' || split_part([[address]], '.', 3) || '.0/24' ELSE split_part([[address]], ':', 1) || ':' || split_part([[address]], ':', 2) || ':' || split_part([[address]], ':', 3) || '::/48' END)
