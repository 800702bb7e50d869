-- What schema 4 added.
UPDATE devices SET boot_before = '1f0e0d0c-0b0a-4908-8706-050403020100', boot_began = 12 WHERE id = 2;
