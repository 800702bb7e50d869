-- What agents report, and what is concluded from it. Facts belong to a laptop, not to the device key that reported them: a
-- re-imaged laptop is the same laptop.

-- One typed column per fact of the catalogue (daemon/inventory/fields.def); dots of the name are underscores. None of them
-- is indexed, so that a report rewrites one row and no index.
-- `sections`: those that the laptop speaks of.
CREATE TABLE facts (
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
  vpn_gateway_latency_micros INTEGER
) STRICT;

-- Facts whose source exists and could not be read.
CREATE TABLE unreadable_facts (
  laptop INTEGER NOT NULL REFERENCES laptops(id),
  fact TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (laptop, fact)
) STRICT, WITHOUT ROWID;

-- What every contact touches; narrow, because an unchanged report touches nothing else. `report_time`: when the facts were
-- last confirmed, which a contact without usable facts leaves alone (NULL: never). `report_seq`, `boot_id` and
-- `facts_digest` are of the newest report that was taken from `device`.
CREATE TABLE contacts (
  laptop INTEGER PRIMARY KEY REFERENCES laptops(id),
  device INTEGER NOT NULL REFERENCES devices(id),
  last_seen INTEGER NOT NULL,
  report_time INTEGER,
  report_seq INTEGER NOT NULL,
  boot_id TEXT NOT NULL,
  facts_digest BLOB NOT NULL,
  agent_version TEXT NOT NULL
) STRICT;

-- The newest judgement. `since` tells since when the verdict is what it is, `next_judgement` when time alone may change it
-- (NULL: never). `silent`: verdict_versions says STALE, because no report came for too long.
CREATE TABLE posture (
  laptop INTEGER PRIMARY KEY REFERENCES laptops(id),
  verdict TEXT NOT NULL,
  since INTEGER NOT NULL,
  policy_version INTEGER NOT NULL,
  next_judgement INTEGER,
  silent INTEGER NOT NULL CHECK (silent IN (0, 1))
) STRICT;

-- Every verdict, for the commit times [known_from, known_to).
CREATE TABLE verdict_versions (
  id INTEGER PRIMARY KEY,
  laptop INTEGER NOT NULL REFERENCES laptops(id),
  verdict TEXT NOT NULL,
  known_from INTEGER NOT NULL,
  known_to INTEGER NOT NULL
) STRICT;
CREATE INDEX verdict_versions_laptop ON verdict_versions(laptop, known_to);

-- `position` is the check's place in the judgement; the rows of a laptop are its newest judgement.
CREATE TABLE check_results (
  laptop INTEGER NOT NULL REFERENCES laptops(id),
  position INTEGER NOT NULL,
  check_id TEXT NOT NULL,
  outcome TEXT NOT NULL,
  since INTEGER NOT NULL,
  evidence TEXT NOT NULL,
  in_grace INTEGER NOT NULL CHECK (in_grace IN (0, 1)),
  PRIMARY KEY (laptop, position)
) STRICT, WITHOUT ROWID;

-- Lists, written only when their section of the report changed.
CREATE TABLE disks (
  laptop INTEGER NOT NULL REFERENCES laptops(id),
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  model TEXT NOT NULL,
  size_bytes INTEGER,
  rotational INTEGER CHECK (rotational IN (0, 1)),
  PRIMARY KEY (laptop, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE network_interfaces (
  laptop INTEGER NOT NULL REFERENCES laptops(id),
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  mac TEXT NOT NULL,
  kind TEXT NOT NULL,
  up INTEGER NOT NULL CHECK (up IN (0, 1)),
  PRIMARY KEY (laptop, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE vpn_profiles (
  laptop INTEGER NOT NULL REFERENCES laptops(id),
  position INTEGER NOT NULL,
  tool TEXT NOT NULL,
  source TEXT NOT NULL,
  valid INTEGER NOT NULL CHECK (valid IN (0, 1)),
  problem TEXT NOT NULL,
  gateway TEXT NOT NULL,
  port INTEGER NOT NULL,
  certificate_starts INTEGER,
  certificate_expires INTEGER,
  PRIMARY KEY (laptop, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE vpn_gateways (
  laptop INTEGER NOT NULL REFERENCES laptops(id),
  position INTEGER NOT NULL,
  protocol TEXT NOT NULL,
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  resolved INTEGER CHECK (resolved IN (0, 1)),
  answer TEXT NOT NULL,
  latency_micros INTEGER,
  PRIMARY KEY (laptop, position)
) STRICT, WITHOUT ROWID;
