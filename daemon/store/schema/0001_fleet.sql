-- The fleet: laptops, people, sites, orders, and what happened to them.
--
-- Current rows live in `laptops` and `people`; every version of them, the current one included, in `*_versions`.
-- A version is true for the effective days [effective_from, effective_to) and was believed during the commit times
-- [known_from, known_to). Open ends are '9999-12-31' and 9223372036854775807. Days are ISO text in the daemon's zone,
-- times are UTC microseconds. `*_key` columns hold the folded or normalised form that makes a name unique.

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
) STRICT;

CREATE TABLE order_lines (
  id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders(id),
  line INTEGER NOT NULL CHECK (line >= 1),
  manufacturer TEXT NOT NULL,
  model TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity >= 1),
  price_micros INTEGER,
  currency TEXT,
  known_from INTEGER NOT NULL,
  UNIQUE (order_id, line)
) STRICT;

-- The ledger of a line: append only.
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
) STRICT;
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
) STRICT;
CREATE INDEX laptops_holder ON laptops(holder) WHERE holder IS NOT NULL;
CREATE INDEX laptops_state ON laptops(state);
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
) STRICT;
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

-- Answers to changes by the client's request id, for 24 hours: a repeated call gets the first answer.
CREATE TABLE replies (
  request_id TEXT PRIMARY KEY,
  method TEXT NOT NULL,
  body_digest BLOB NOT NULL,
  reply BLOB NOT NULL,
  committed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX replies_committed ON replies(committed);
