-- What schema 11 added: indexes over rows that are there. A change goes through them.
UPDATE people SET needs_laptop = 1 - needs_laptop;
UPDATE people SET needs_laptop = 1 - needs_laptop;
