-- What schema 3 added.
INSERT INTO facts (laptop, sections, os_id, os_version, disk_encrypted, hardware_memory_bytes, vpn_clients)
  VALUES (1, 'os,disk', 'debian', '12', 1, 17179869184, '["openvpn"]');
INSERT INTO unreadable_facts VALUES (1, 'tpm2', 'permission denied');
INSERT INTO contacts VALUES (1, 2, 1584660000000000, 1584660000000000, 17, '0f0e0d0c-0b0a-0908-0706-050403020100', x'00ff', '0.1.0');
INSERT INTO posture VALUES (1, 'READY', 1584660000000000, 1, 1584700000000000, 0);
INSERT INTO verdict_versions VALUES (1, 1, 'UNKNOWN', 1584650000000000, 1584660000000000), (2, 1, 'READY', 1584660000000000, 9223372036854775807);
INSERT INTO check_results VALUES (1, 0, 'disk-encryption', 'PASS', 1584660000000000, 'encrypted', 0);
INSERT INTO disks VALUES (1, 0, 'nvme0n1', 'Example', 512110190592, 0);
INSERT INTO network_interfaces VALUES (1, 0, 'eth0', '52:54:00:00:00:01', 'ethernet', 1);
INSERT INTO vpn_profiles VALUES (1, 0, 'openvpn', '/etc/openvpn/client/a.conf', 1, '', 'vpn.example.org', 1194, 1500000000000000, 1700000000000000);
INSERT INTO vpn_gateways VALUES (1, 0, 'udp', 'vpn.example.org', 1194, 1, 'answered', 1200);
