-- What schema 9 added.
INSERT INTO contact_log VALUES (1, 1, 2, 1584700000000000, 18);
