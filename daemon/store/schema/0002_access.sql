-- Who may call: devices of laptops, what lets a laptop enrol, and the API tokens of people.
--
-- Secrets are stored as SHA-256 only: they are 130 random bits and more, which no dictionary holds. Hashes and serial numbers
-- are lower-case hexadecimal.

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

-- A key that may report for a laptop. The certificate in force is `current`; `next` was issued by a renewal and takes its
-- place when it is first used.
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
) STRICT;
CREATE INDEX devices_laptop ON devices(laptop);
-- A laptop has one live device, whatever the programs that write here believe.
CREATE UNIQUE INDEX devices_live ON devices(laptop) WHERE state = 'ACTIVE';

-- Every certificate that was ever issued to a device. A key is certified once. `chain` is kept until a successor is in use,
-- for answers that were lost on the way.
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

-- One enrolment by one token and key, so that a repeated call finds its answer. `automatic`: a bound token decided, no
-- person. `device` is set once the certificate is issued; `displaces` is the live device that the approval knew of.
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
