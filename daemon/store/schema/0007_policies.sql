-- Policies as they were written; the one of the highest version is in force. `shipped`: it came with Parc, so that a later
-- Parc may put its own in its place.
CREATE TABLE policies (
  version INTEGER PRIMARY KEY CHECK (version >= 1),
  policy TEXT NOT NULL,
  shipped INTEGER NOT NULL CHECK (shipped IN (0, 1)),
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  applied INTEGER NOT NULL
) STRICT;

-- What somebody should know at once. An alert is open until `resolved`; of one kind and subject, one is open at a time.
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
