-- What the migrations make, for reading. Written by
--   cmake --build --preset dev --target schema
-- and compared with the migrations by a test; parcd itself runs the migrations.

CREATE TABLE sites (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL,
  code_key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  department TEXT NOT NULL,
  parent INTEGER REFERENCES sites(id),
  revision INTEGER NOT NULL
) STRICT;

CREATE TABLE people (
  id INTEGER PRIMARY KEY,
  person TEXT NOT NULL,
  person_key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  mail TEXT NOT NULL,
  unit TEXT NOT NULL,
  population TEXT NOT NULL,
  site INTEGER REFERENCES sites(id),
  tier INTEGER NOT NULL CHECK (tier BETWEEN 1 AND 4),
  needs_laptop INTEGER NOT NULL CHECK (needs_laptop IN (0, 1)),
  telework TEXT NOT NULL,
  start_date TEXT,
  end_date TEXT,
  extra TEXT NOT NULL,
  revision INTEGER NOT NULL
) STRICT;

CREATE INDEX people_population ON people(population);

CREATE TABLE person_versions (
  version INTEGER PRIMARY KEY,
  id INTEGER NOT NULL REFERENCES people(id),
  person TEXT NOT NULL,
  person_key TEXT NOT NULL,
  name TEXT NOT NULL,
  mail TEXT NOT NULL,
  unit TEXT NOT NULL,
  population TEXT NOT NULL,
  site INTEGER REFERENCES sites(id),
  tier INTEGER NOT NULL,
  needs_laptop INTEGER NOT NULL,
  telework TEXT NOT NULL,
  start_date TEXT,
  end_date TEXT,
  extra TEXT NOT NULL,
  revision INTEGER NOT NULL,
  effective_from TEXT NOT NULL,
  effective_to TEXT NOT NULL,
  known_from INTEGER NOT NULL,
  known_to INTEGER NOT NULL
) STRICT;

CREATE INDEX person_versions_id ON person_versions(id, known_to);

CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  reference TEXT NOT NULL,
  reference_key TEXT NOT NULL UNIQUE,
  supplier TEXT NOT NULL,
  order_date TEXT NOT NULL,
  revision INTEGER NOT NULL,
  known_from INTEGER NOT NULL
, planned_on TEXT, placed_date TEXT, placed_known INTEGER) STRICT;

CREATE TABLE order_lines (
  id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders(id),
  line INTEGER NOT NULL CHECK (line >= 1),
  manufacturer TEXT NOT NULL,
  model TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity >= 1),
  price_micros INTEGER,
  currency TEXT,
  known_from INTEGER NOT NULL, external_id TEXT NOT NULL DEFAULT '',
  UNIQUE (order_id, line)
) STRICT;

CREATE TABLE promises (
  id INTEGER PRIMARY KEY,
  line INTEGER NOT NULL REFERENCES order_lines(id),
  promised_date TEXT NOT NULL,
  announced_date TEXT NOT NULL,
  source TEXT NOT NULL,
  known_from INTEGER NOT NULL
) STRICT;

CREATE INDEX promises_line ON promises(line);

CREATE TABLE receipts (
  id INTEGER PRIMARY KEY,
  line INTEGER NOT NULL REFERENCES order_lines(id),
  received_date TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity >= 1),
  actor TEXT NOT NULL,
  known_from INTEGER NOT NULL
, manufacturer TEXT NOT NULL DEFAULT '', model TEXT NOT NULL DEFAULT '') STRICT;

CREATE INDEX receipts_line ON receipts(line);

CREATE TABLE cancellations (
  id INTEGER PRIMARY KEY,
  line INTEGER NOT NULL REFERENCES order_lines(id),
  cancelled_date TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity >= 1),
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  known_from INTEGER NOT NULL
) STRICT;

CREATE INDEX cancellations_line ON cancellations(line);

CREATE TABLE laptops (
  id INTEGER PRIMARY KEY,
  asset_tag TEXT NOT NULL,
  asset_key TEXT NOT NULL UNIQUE,
  serial TEXT NOT NULL,
  serial_key TEXT UNIQUE,
  manufacturer TEXT NOT NULL,
  model TEXT NOT NULL,
  state TEXT NOT NULL,
  state_since TEXT NOT NULL,
  holder INTEGER REFERENCES people(id),
  site INTEGER REFERENCES sites(id),
  order_line INTEGER REFERENCES order_lines(id),
  receipt INTEGER REFERENCES receipts(id),
  purchase_date TEXT,
  price_micros INTEGER,
  currency TEXT,
  warranty_end TEXT,
  tags TEXT NOT NULL,
  notes TEXT NOT NULL,
  extra TEXT NOT NULL,
  revision INTEGER NOT NULL
, end_of_life TEXT) STRICT;

CREATE INDEX laptops_holder ON laptops(holder) WHERE holder IS NOT NULL;

CREATE INDEX laptops_receipt ON laptops(receipt) WHERE receipt IS NOT NULL;

CREATE TABLE laptop_versions (
  version INTEGER PRIMARY KEY,
  id INTEGER NOT NULL REFERENCES laptops(id),
  asset_tag TEXT NOT NULL,
  asset_key TEXT NOT NULL,
  serial TEXT NOT NULL,
  serial_key TEXT,
  manufacturer TEXT NOT NULL,
  model TEXT NOT NULL,
  state TEXT NOT NULL,
  state_since TEXT NOT NULL,
  holder INTEGER REFERENCES people(id),
  site INTEGER REFERENCES sites(id),
  order_line INTEGER REFERENCES order_lines(id),
  receipt INTEGER REFERENCES receipts(id),
  purchase_date TEXT,
  price_micros INTEGER,
  currency TEXT,
  warranty_end TEXT,
  tags TEXT NOT NULL,
  notes TEXT NOT NULL,
  extra TEXT NOT NULL,
  revision INTEGER NOT NULL,
  effective_from TEXT NOT NULL,
  effective_to TEXT NOT NULL,
  known_from INTEGER NOT NULL,
  known_to INTEGER NOT NULL
, end_of_life TEXT) STRICT;

CREATE INDEX laptop_versions_id ON laptop_versions(id, known_to);

CREATE INDEX laptop_versions_holder ON laptop_versions(holder) WHERE holder IS NOT NULL;

CREATE TABLE laptop_events (
  id INTEGER PRIMARY KEY,
  laptop INTEGER NOT NULL REFERENCES laptops(id),
  event TEXT NOT NULL,
  from_state TEXT,
  to_state TEXT NOT NULL,
  person INTEGER REFERENCES people(id),
  effective_date TEXT NOT NULL,
  known_from INTEGER NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;

CREATE INDEX laptop_events_laptop ON laptop_events(laptop, id);

CREATE INDEX laptop_events_person ON laptop_events(person, id) WHERE person IS NOT NULL;

CREATE TABLE replies (
  request_id TEXT PRIMARY KEY,
  method TEXT NOT NULL,
  body_digest BLOB NOT NULL,
  reply BLOB NOT NULL,
  committed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX replies_committed ON replies(committed);

CREATE TABLE enrolment_tokens (
  id INTEGER PRIMARY KEY,
  token TEXT NOT NULL UNIQUE,
  secret_sha256 TEXT NOT NULL,
  -- What it is bound to: a record, or a serial (normalised), or nothing.
  laptop INTEGER REFERENCES laptops(id),
  serial_key TEXT,
  max_uses INTEGER NOT NULL CHECK (max_uses >= 1),
  uses INTEGER NOT NULL CHECK (uses BETWEEN 0 AND max_uses),
  allow_replace INTEGER NOT NULL CHECK (allow_replace IN (0, 1)),
  created INTEGER NOT NULL,
  creator TEXT NOT NULL,
  expires INTEGER NOT NULL,
  revoked INTEGER,
  CHECK (laptop IS NULL OR serial_key IS NULL),
  CHECK (allow_replace = 0 OR laptop IS NOT NULL OR serial_key IS NOT NULL)
) STRICT;

CREATE INDEX enrolment_tokens_expires ON enrolment_tokens(expires);

CREATE TABLE devices (
  id INTEGER PRIMARY KEY,
  device TEXT NOT NULL UNIQUE,
  laptop INTEGER NOT NULL REFERENCES laptops(id),
  state TEXT NOT NULL CHECK (state IN ('ACTIVE', 'REVOKED', 'REPLACED')),
  agent_version TEXT NOT NULL,
  enrolled INTEGER NOT NULL,
  revoked INTEGER,
  revoke_reason TEXT NOT NULL,
  quarantine TEXT NOT NULL,
  current_serial TEXT NOT NULL,
  current_not_after INTEGER NOT NULL,
  next_serial TEXT,
  next_not_after INTEGER
, boot_before TEXT NOT NULL DEFAULT '', boot_began INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX devices_laptop ON devices(laptop);

CREATE UNIQUE INDEX devices_live ON devices(laptop) WHERE state = 'ACTIVE';

CREATE TABLE certificates (
  id INTEGER PRIMARY KEY,
  device INTEGER NOT NULL REFERENCES devices(id),
  serial TEXT NOT NULL UNIQUE,
  spki_sha256 TEXT NOT NULL UNIQUE,
  issued INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  renew_at INTEGER NOT NULL,
  chain BLOB NOT NULL
) STRICT;

CREATE INDEX certificates_device ON certificates(device);

CREATE TABLE enrolment_requests (
  id INTEGER PRIMARY KEY,
  request TEXT NOT NULL UNIQUE,
  token INTEGER NOT NULL REFERENCES enrolment_tokens(id),
  spki_sha256 TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('PENDING', 'APPROVED', 'REJECTED', 'EXPIRED')),
  automatic INTEGER NOT NULL CHECK (automatic IN (0, 1)),
  serial TEXT NOT NULL,
  serial_key TEXT,
  uuid TEXT NOT NULL,
  manufacturer TEXT NOT NULL,
  model TEXT NOT NULL,
  agent_version TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  question TEXT NOT NULL,
  laptop INTEGER REFERENCES laptops(id),
  displaces INTEGER REFERENCES devices(id),
  device INTEGER REFERENCES devices(id),
  created INTEGER NOT NULL,
  decided INTEGER,
  decided_by TEXT NOT NULL,
  UNIQUE (token, spki_sha256)
) STRICT;

CREATE INDEX enrolment_requests_spki ON enrolment_requests(spki_sha256);

CREATE INDEX enrolment_requests_open ON enrolment_requests(state) WHERE device IS NULL;

CREATE TABLE api_tokens (
  id INTEGER PRIMARY KEY,
  token TEXT NOT NULL UNIQUE,
  secret_sha256 TEXT NOT NULL,
  owner TEXT NOT NULL,
  role TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  revoked INTEGER,
  last_use INTEGER
) STRICT;

CREATE TABLE contacts (
  laptop INTEGER PRIMARY KEY REFERENCES laptops(id),
  device INTEGER NOT NULL REFERENCES devices(id),
  last_seen INTEGER NOT NULL,
  report_time INTEGER,
  report_seq INTEGER NOT NULL) STRICT;

CREATE TABLE posture (
  laptop INTEGER PRIMARY KEY REFERENCES laptops(id),
  verdict TEXT NOT NULL,
  since INTEGER NOT NULL,
  policy_version INTEGER NOT NULL,
  next_judgement INTEGER,
  silent INTEGER NOT NULL CHECK (silent IN (0, 1))
) STRICT;

CREATE TABLE verdict_versions (
  id INTEGER PRIMARY KEY,
  laptop INTEGER NOT NULL REFERENCES laptops(id),
  verdict TEXT NOT NULL,
  known_from INTEGER NOT NULL,
  known_to INTEGER NOT NULL
) STRICT;

CREATE INDEX verdict_versions_laptop ON verdict_versions(laptop, known_to);

CREATE INDEX order_lines_external_id ON order_lines(external_id) WHERE external_id <> '';

CREATE TABLE shipments (
  id INTEGER PRIMARY KEY,
  line INTEGER NOT NULL REFERENCES order_lines(id),
  announced_date TEXT NOT NULL,
  shipped_date TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity >= 1),
  carrier TEXT NOT NULL,
  tracking TEXT NOT NULL,
  actor TEXT NOT NULL,
  known_from INTEGER NOT NULL
) STRICT;

CREATE INDEX shipments_line ON shipments(line);

CREATE TABLE planning (
  id INTEGER PRIMARY KEY,
  setting TEXT NOT NULL,
  value TEXT NOT NULL,
  effective_date TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  known_from INTEGER NOT NULL
) STRICT;

CREATE TABLE targets (
  id INTEGER PRIMARY KEY,
  target TEXT NOT NULL,
  target_key TEXT NOT NULL,
  due_date TEXT NOT NULL,
  ratio REAL NOT NULL CHECK (ratio > 0),
  people TEXT NOT NULL,
  dropped INTEGER NOT NULL CHECK (dropped IN (0, 1)),
  effective_date TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  known_from INTEGER NOT NULL
) STRICT;

CREATE INDEX targets_key ON targets(target_key, id);

CREATE TABLE forecasts (
  id INTEGER PRIMARY KEY,
  forecast TEXT NOT NULL UNIQUE,
  as_of_date TEXT NOT NULL,
  known_at INTEGER,
  people TEXT NOT NULL,
  target_ratio REAL NOT NULL CHECK (target_ratio > 0),
  target_date TEXT NOT NULL,
  probability REAL NOT NULL CHECK (probability BETWEEN 0 AND 1),
  median_date TEXT,
  inputs_hash TEXT NOT NULL,
  model_version TEXT NOT NULL,
  seed TEXT NOT NULL,
  paths INTEGER NOT NULL,
  horizon_days INTEGER NOT NULL,
  actor TEXT NOT NULL,
  known_from INTEGER NOT NULL
) STRICT;

CREATE INDEX forecasts_people ON forecasts(people, as_of_date);

CREATE TABLE forecast_days (
  forecast INTEGER NOT NULL REFERENCES forecasts(id),
  day TEXT NOT NULL,
  p05 REAL NOT NULL,
  p10 REAL NOT NULL,
  p25 REAL NOT NULL,
  p50 REAL NOT NULL,
  p75 REAL NOT NULL,
  p90 REAL NOT NULL,
  p95 REAL NOT NULL,
  PRIMARY KEY (forecast, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE policies (
  version INTEGER PRIMARY KEY CHECK (version >= 1),
  policy TEXT NOT NULL,
  shipped INTEGER NOT NULL CHECK (shipped IN (0, 1)),
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  applied INTEGER NOT NULL
) STRICT;

CREATE TABLE alerts (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  count INTEGER NOT NULL,
  reference INTEGER NOT NULL,
  message_en TEXT NOT NULL,
  message_fr TEXT NOT NULL,
  raised INTEGER NOT NULL,
  resolved INTEGER
) STRICT;

CREATE UNIQUE INDEX alerts_open ON alerts(kind, subject) WHERE resolved IS NULL;

CREATE TABLE "facts" (
  laptop INTEGER PRIMARY KEY REFERENCES laptops(id),
  sections TEXT NOT NULL,
  os_id TEXT,
  os_name TEXT,
  os_version TEXT,
  os_kernel TEXT,
  os_architecture TEXT,
  os_uptime_hours INTEGER,
  os_support_ends INTEGER,
  hardware_manufacturer TEXT,
  hardware_model TEXT,
  hardware_serial TEXT,
  hardware_uuid TEXT,
  hardware_board_serial TEXT,
  hardware_bios_version TEXT,
  hardware_cpu TEXT,
  hardware_cpu_threads INTEGER,
  hardware_memory_bytes INTEGER,
  battery_health INTEGER,
  tpm2 INTEGER,
  secure_boot INTEGER,
  disk_encrypted INTEGER,
  disk_root_encrypted INTEGER,
  disk_count INTEGER,
  disk_bytes INTEGER,
  disk_free_percent INTEGER,
  network_online INTEGER,
  network_macs TEXT,
  firewall_enabled INTEGER,
  firewall_tool TEXT,
  updates_security_pending INTEGER,
  updates_pending INTEGER,
  updates_refreshed INTEGER,
  reboot_required INTEGER,
  clock_synchronised INTEGER,
  clock_max_error_micros INTEGER,
  clock_skew_seconds INTEGER,
  vpn_clients TEXT,
  vpn_profile_count INTEGER,
  vpn_profile_valid INTEGER,
  vpn_certificate_starts INTEGER,
  vpn_certificate_expires INTEGER,
  vpn_gateway_count INTEGER,
  vpn_gateway_resolved INTEGER,
  vpn_gateway_answer TEXT,
  vpn_gateway_latency_micros INTEGER,
  battery_cycles INTEGER,
  memory_errors_corrected INTEGER,
  memory_errors_uncorrected INTEGER,
  efi INTEGER,
  disk_encryption_kdf TEXT,
  disk_least_free_bytes INTEGER,
  disk_least_free_percent INTEGER,
  disk_least_free_inodes_percent INTEGER,
  disk_healthy INTEGER,
  disk_wear_percent INTEGER,
  network_connectivity TEXT,
  network_captive_portal INTEGER,
  network_mtu INTEGER,
  firewall_filters INTEGER,
  listen_exposed TEXT,
  screen_lock_enforced INTEGER,
  screen_lock_delay_seconds INTEGER,
  root_locked INTEGER,
  accounts_open INTEGER,
  accounts_administrators INTEGER,
  antivirus_tool TEXT,
  antivirus_enabled INTEGER,
  antivirus_signatures INTEGER,
  updates_automatic INTEGER,
  clock_sane INTEGER,
  vpn_client_versions TEXT,
  vpn_profile_problems TEXT,
  vpn_profile_root_only INTEGER,
  vpn_profile_autoconnect INTEGER,
  vpn_certificate_key_matches INTEGER,
  vpn_certificate_trusted INTEGER,
  vpn_ca_expires INTEGER,
  vpn_crl_next_update INTEGER,
  vpn_ike_daemon INTEGER,
  vpn_tunnel_up INTEGER,
  vpn_tunnel_handshake_fresh INTEGER,
  vpn_tunnel_full_ipv4 INTEGER,
  vpn_tunnel_full_ipv6 INTEGER,
  vpn_tunnel_dns INTEGER,
  vpn_tunnel_mtu INTEGER,
  vpn_gateway_certificate_trusted INTEGER,
  vpn_gateway_certificate_expires INTEGER,
  tools_installed TEXT,
  tools_versions TEXT,
  applications_count INTEGER,
  applications_reachable_count INTEGER,
  applications_reachable_percent INTEGER,
  applications_reachable TEXT,
  applications_unreachable TEXT
, facts_digest BLOB NOT NULL DEFAULT x'', boot_id TEXT NOT NULL DEFAULT '', agent_version TEXT NOT NULL DEFAULT '', updates_security_since INTEGER, agent_certificate_expires INTEGER, agent_certificate_renewal_due INTEGER) STRICT;

CREATE TABLE contact_log (
  id INTEGER PRIMARY KEY,
  laptop INTEGER NOT NULL,
  device INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  report_seq INTEGER NOT NULL
) STRICT;

CREATE TABLE details (
  laptop INTEGER PRIMARY KEY REFERENCES laptops(id),
  disks TEXT NOT NULL DEFAULT '',
  interfaces TEXT NOT NULL DEFAULT '',
  vpn_profiles TEXT NOT NULL DEFAULT '',
  vpn_gateways TEXT NOT NULL DEFAULT '',
  unreadable TEXT NOT NULL DEFAULT '',
  checks TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX laptops_state ON laptops(state, holder);

CREATE INDEX people_needing ON people(needs_laptop, population, start_date, end_date);

PRAGMA application_id = 1346458179;

PRAGMA user_version = 13;
