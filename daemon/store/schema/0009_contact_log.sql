-- The contact of a report that was taken from the device in contact is one short row at the end of a log. The writer
-- carries the log into `contacts` in the order of that table, thousands at once, and deletes what it carried: a page of
-- `contacts` is then written once for many laptops, not once for each report. Whoever asks for the newest contact reads
-- both: the row of a laptop with the highest id counts when it is of the device in `contacts` and its report_seq is higher.
--
-- `laptop` and `device` are rows of `contacts`; declared as references they would be looked up at every append.
CREATE TABLE contact_log (
  id INTEGER PRIMARY KEY,
  laptop INTEGER NOT NULL,
  device INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  report_seq INTEGER NOT NULL
) STRICT;

-- What changes with the facts lies with the facts, so that `contacts` stays narrow.
ALTER TABLE facts ADD COLUMN facts_digest BLOB NOT NULL DEFAULT x'';
ALTER TABLE facts ADD COLUMN boot_id TEXT NOT NULL DEFAULT '';
ALTER TABLE facts ADD COLUMN agent_version TEXT NOT NULL DEFAULT '';
INSERT INTO facts (laptop, sections) SELECT laptop, '' FROM contacts WHERE laptop NOT IN (SELECT laptop FROM facts);
UPDATE facts SET facts_digest = c.facts_digest, boot_id = c.boot_id, agent_version = c.agent_version
  FROM contacts c WHERE c.laptop = facts.laptop;
ALTER TABLE contacts DROP COLUMN boot_id;
ALTER TABLE contacts DROP COLUMN facts_digest;
ALTER TABLE contacts DROP COLUMN agent_version;
