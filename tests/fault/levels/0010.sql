-- What schema 10 added.
INSERT INTO details(laptop, disks) VALUES (2, 'nvme0n1' || char(31) || 'Example' || char(31) || '512110190592' || char(31) || '0' || char(31, 30));
