-- What schema 7 added.
INSERT INTO policies VALUES
  (1, 'stale_after = "24h"', 1, 'parcd', 'ships with Parc 0.1.0', 1584700000000000),
  (2, 'stale_after = "48h"', 0, 'tokens/t1', 'a long weekend', 1584700100000000);
INSERT INTO alerts VALUES
  (1, 'READY_DROP', '', 143, 812, '143 fewer laptops are ready', '143 postes prêts en moins', 1584700000000000, 1584700900000000),
  (2, 'CERTIFICATES_END', '', 20, 0, '20 certificates end', '20 certificats expirent', 1584700000000000, NULL);
