-- What schema 8 added.
UPDATE facts SET vpn_tunnel_up = 1, vpn_profile_problems = char(10) || 'it names no gateway (remote)' || char(10),
  disk_least_free_bytes = 1000000000, network_connectivity = 'FULL', applications_count = 104 WHERE laptop = 1;
UPDATE vpn_profiles SET root_only = 1, key_matches = 0, ca_expires = 1800000000000000 WHERE laptop = 1;
UPDATE vpn_gateways SET certificate_trusted = 1, certificate_expires = 1800000000000000 WHERE laptop = 1;
