-- What schema 12 added.
UPDATE facts SET updates_security_since = 1700000000000000, agent_certificate_expires = 1800000000000000 WHERE laptop = 1;
