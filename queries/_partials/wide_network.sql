-- The network that a VPC commonly is: /16, or /32 of IPv6.
(CASE WHEN strpos([[address]], ':') = 0 THEN split_part([[address]], '.', 1) || '.' || split_part([[address]], '.', 2) || '.0.0/16'
  WHEN split_part([[address]], ':', 2) IN ('', '0') THEN split_part([[address]], ':', 1) || '::/32'
  ELSE split_part([[address]], ':', 1) || ':' || split_part([[address]], ':', 2) || '::/32' END)
