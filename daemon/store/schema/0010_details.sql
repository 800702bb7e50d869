-- What is read and written whole: the lists of a laptop's newest report, and the results of its judgement. A report that
-- changes some of them writes one row, not one for each element. Nobody asks for a part of them.
--
-- Each column holds rows that end with U+001E; the values of a row end with U+001F. An absent value is empty.
--   disks         name, model, size_bytes, rotational
--   interfaces    name, mac, kind, up
--   vpn_profiles  tool, source, valid, problem, gateway, port, certificate_starts, certificate_expires, root_only,
--                 autoconnect, key_matches, trusted, ca_expires, crl_next_update
--   vpn_gateways  protocol, host, port, resolved, answer, latency_micros, certificate_trusted, certificate_expires
--   unreadable    fact, reason: facts whose source exists and could not be read
--   checks        check_id, outcome, since, evidence, in_grace: the results of the newest judgement, in its order
CREATE TABLE details (
  laptop INTEGER PRIMARY KEY REFERENCES laptops(id),
  disks TEXT NOT NULL DEFAULT '',
  interfaces TEXT NOT NULL DEFAULT '',
  vpn_profiles TEXT NOT NULL DEFAULT '',
  vpn_gateways TEXT NOT NULL DEFAULT '',
  unreadable TEXT NOT NULL DEFAULT '',
  checks TEXT NOT NULL DEFAULT ''
) STRICT;

INSERT INTO details (laptop) SELECT laptop FROM facts UNION SELECT laptop FROM posture;
UPDATE details SET
  disks = coalesce((SELECT group_concat(r, '') FROM (SELECT name || char(31) || model || char(31) ||
    coalesce(size_bytes, '') || char(31) || coalesce(rotational, '') || char(31, 30) AS r
    FROM disks t WHERE t.laptop = details.laptop ORDER BY position)), ''),
  interfaces = coalesce((SELECT group_concat(r, '') FROM (SELECT name || char(31) || mac || char(31) || kind || char(31) ||
    up || char(31, 30) AS r
    FROM network_interfaces t WHERE t.laptop = details.laptop ORDER BY position)), ''),
  vpn_profiles = coalesce((SELECT group_concat(r, '') FROM (SELECT tool || char(31) || source || char(31) || valid ||
    char(31) || problem || char(31) || gateway || char(31) || port || char(31) || coalesce(certificate_starts, '') ||
    char(31) || coalesce(certificate_expires, '') || char(31) || coalesce(root_only, '') || char(31) ||
    coalesce(autoconnect, '') || char(31) || coalesce(key_matches, '') || char(31) || coalesce(trusted, '') || char(31) ||
    coalesce(ca_expires, '') || char(31) || coalesce(crl_next_update, '') || char(31, 30) AS r
    FROM vpn_profiles t WHERE t.laptop = details.laptop ORDER BY position)), ''),
  vpn_gateways = coalesce((SELECT group_concat(r, '') FROM (SELECT protocol || char(31) || host || char(31) || port ||
    char(31) || coalesce(resolved, '') || char(31) || answer || char(31) || coalesce(latency_micros, '') ||
    char(31) || coalesce(certificate_trusted, '') || char(31) || coalesce(certificate_expires, '') || char(31, 30) AS r
    FROM vpn_gateways t WHERE t.laptop = details.laptop ORDER BY position)), ''),
  unreadable = coalesce((SELECT group_concat(r, '') FROM (SELECT fact || char(31) || reason || char(31, 30) AS r
    FROM unreadable_facts t WHERE t.laptop = details.laptop ORDER BY fact)), ''),
  checks = coalesce((SELECT group_concat(r, '') FROM (SELECT check_id || char(31) || outcome || char(31) || since ||
    char(31) || evidence || char(31) || in_grace || char(31, 30) AS r
    FROM check_results t WHERE t.laptop = details.laptop ORDER BY position)), '');

DROP TABLE disks;
DROP TABLE network_interfaces;
DROP TABLE vpn_profiles;
DROP TABLE vpn_gateways;
DROP TABLE unreadable_facts;
DROP TABLE check_results;
