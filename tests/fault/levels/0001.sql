-- What a daemon of schema 1 stored: one row at least in each table.
INSERT INTO sites VALUES (1, 'ORL', 'orl', 'Orléans', '45', NULL, 1), (2, 'ORL-2', 'orl-2', 'Orléans, annexe', '45', 1, 3);
INSERT INTO people VALUES
  (1, 'm.durand', 'm.durand', 'Marie Durand', 'm.durand@example.org', 'Lycées', 'agents', 2, 1, 1, 'full', '2018-09-01', NULL, '{"badge":"007"}', 2),
  (2, 'j.petit', 'j.petit', 'Jean Petit', '', '', 'siège', NULL, 4, 0, '', NULL, '2020-06-30', '{}', 1);
INSERT INTO person_versions
  SELECT 1, id, person, person_key, name, mail, unit, population, NULL, 3, needs_laptop, telework, start_date, end_date, extra, 1,
         '2018-09-01', '9999-12-31', 1536000000000000, 1583000000000000 FROM people WHERE id = 1;
INSERT INTO person_versions
  SELECT 1 + id, id, person, person_key, name, mail, unit, population, site, tier, needs_laptop, telework, start_date, end_date, extra,
         revision, '2020-03-01', '9999-12-31', 1583000000000000, 9223372036854775807 FROM people;
INSERT INTO orders VALUES (1, 'BC-2020-17', 'bc-2020-17', 'Example SARL', '2020-02-01', 1, 1583000000000000);
INSERT INTO order_lines VALUES
  (1, 1, 1, 'Dell', 'Latitude 5400', 200, 899900000, 'EUR', 1583000000000000),
  (2, 1, 2, 'Dell', 'Latitude 5500', 10, NULL, NULL, 1583000000000000);
INSERT INTO promises VALUES (1, 1, '2020-04-15', '2020-02-03', 'mail', 1583000000000000), (2, 1, '2020-06-01', '2020-03-20', 'phone', 1584700000000000);
INSERT INTO receipts VALUES (1, 1, '2020-03-18', 1, 'desk', 1584600000000000);
INSERT INTO cancellations VALUES (1, 2, '2020-03-19', 4, 'not needed', 'desk', 1584650000000000);
INSERT INTO laptops VALUES
  (1, 'PC-1', 'pc-1', 'PF0ABCDE', 'PF0ABCDE', 'Dell', 'Latitude 5400', 'ASSIGNED', '2020-03-19', 1, 1, 1, 1, '2020-02-01', 899900000, 'EUR',
   '2023-02-01', '["vpn"]', 'écran rayé', '{}', 4),
  (2, 'PC-2', 'pc-2', '', NULL, '', '', 'IN_STOCK', '2019-01-15', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '[]', '', '{}', 1);
INSERT INTO laptop_versions
  SELECT id, id, asset_tag, asset_key, serial, serial_key, manufacturer, model, state, state_since, holder, site, order_line, receipt,
         purchase_date, price_micros, currency, warranty_end, tags, notes, extra, revision, state_since, '9999-12-31', 1584600000000000,
         9223372036854775807 FROM laptops;
INSERT INTO laptop_events VALUES
  (1, 1, 'RECEIVE', NULL, 'IN_STOCK', NULL, '2020-03-18', 1584600000000000, 'desk', ''),
  (2, 1, 'ASSIGN', 'PREPARED', 'ASSIGNED', 1, '2020-03-19', 1584650000000000, 'desk', 'telework'),
  (3, 2, 'IMPORT', NULL, 'IN_STOCK', NULL, '2019-01-15', 1584650000000001, 'desk', '');
INSERT INTO replies VALUES ('0f0e0d0c-0b0a-4908-8706-050403020100', '/parc.v1.LaptopService/AssignLaptop', x'00ff', x'0801', 1584650000000000);
