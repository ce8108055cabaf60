-- The network of an address as providers hand them out: /24, or /48 of IPv6, whose groups of zeros are left out in text.
(CASE WHEN strpos([[address]], ':') = 0 THEN split_part([[address]], '.', 1) || '.' || split_part([[address]], '.', 2) || '.' || split_part([[address]], '.', 3) || '.0/24'
  WHEN split_part([[address]], ':', 2) = '' OR split_part([[address]], ':', 2) = '0' AND split_part([[address]], ':', 3) IN ('', '0') THEN split_part([[address]], ':', 1) || '::/48'
  WHEN split_part([[address]], ':', 3) IN ('', '0') THEN split_part([[address]], ':', 1) || ':' || split_part([[address]], ':', 2) || '::/48'
  ELSE split_part([[address]], ':', 1) || ':' || split_part([[address]], ':', 2) || ':' || split_part([[address]], ':', 3) || '::/48' END)
