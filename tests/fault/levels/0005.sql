-- What schema 5 added.
INSERT INTO orders (id, reference, reference_key, supplier, order_date, revision, known_from, planned_on)
  VALUES (2, 'BC-2020-18', 'bc-2020-18', 'Example SARL', '2020-05-01', 1, 1584700000000000, '2020-03-20');
UPDATE order_lines SET external_id = 'erp-17' WHERE id = 1;
INSERT INTO shipments VALUES (1, 1, '2020-03-16', '2020-03-15', 1, 'Example Express', 'EX-1', 'buyer', 1584600000000000);
UPDATE receipts SET manufacturer = 'Dell', model = 'Latitude 5410' WHERE id = 1;
UPDATE laptops SET end_of_life = '2024-02-01' WHERE id = 1;
UPDATE laptop_versions SET end_of_life = '2024-02-01' WHERE id = 1;
INSERT INTO planning VALUES (1, 'spare_ratio', '0.05', '2020-03-01', 'buyer', '', 1584600000000000);
INSERT INTO targets VALUES (1, 'All agents', 'all agents', '2020-06-30', 0.95, 'tier <= 2', 0, '2020-03-12', 'buyer', 'lockdown', 1584600000000000);
