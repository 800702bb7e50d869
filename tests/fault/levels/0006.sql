-- What schema 6 added.
INSERT INTO forecasts VALUES
  (1, 'f0f0', '2020-03-20', NULL, 'tier <= 2', 0.95, '2020-06-30', 0.8, '2020-06-12', 'ab12', '1', '17', 2000, 365, 'buyer', 1584700000000000);
INSERT INTO forecast_days VALUES (1, '2020-03-27', 1, 2, 3, 4, 5, 6, 7.5), (1, '2020-04-03', 2, 3, 4, 5, 6, 7, 8.5);
