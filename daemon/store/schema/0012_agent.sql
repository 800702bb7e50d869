-- What an agent tells of its own certificate, and how long a security update has waited.
ALTER TABLE facts ADD COLUMN updates_security_since INTEGER;
ALTER TABLE facts ADD COLUMN agent_certificate_expires INTEGER;
ALTER TABLE facts ADD COLUMN agent_certificate_renewal_due INTEGER;
