WITH spoken AS (
  SELECT "start", dstaddr, dstport, protocol, first_start, connections, refused, unanswered, closed
  FROM {{conversations}} AS conversations
  WHERE srcaddr = {{key_srcaddr}}
), own AS (
  SELECT spoken.* FROM spoken
  WHERE dstaddr IN (SELECT dstaddr FROM spoken WHERE refused > 0) OR dstport IN (SELECT dstport FROM spoken WHERE refused > 0)
), {{> tries}}
