-- Before it a CTE `pairs` with srcaddr and dstaddr, already grouped: an address is classified once per pair, not per record.
classified AS (
  SELECT pairs.*, CASE WHEN {{> non_public_address address=srcaddr}} THEN 'private' ELSE 'public' END AS source_side,
    CASE WHEN {{> non_public_address address=dstaddr}} THEN 'private' ELSE 'public' END AS destination_side
  FROM pairs
)
