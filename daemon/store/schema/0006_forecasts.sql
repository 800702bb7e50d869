-- Forecasts as they were made, so that each can be made again and judged by what happened. Append only; the id of a
-- forecast is a digest of the question and of the facts, so that the same answer is kept once.

CREATE TABLE forecasts (
  id INTEGER PRIMARY KEY,
  forecast TEXT NOT NULL UNIQUE,
  as_of_date TEXT NOT NULL,
  known_at INTEGER,
  people TEXT NOT NULL,
  target_ratio REAL NOT NULL CHECK (target_ratio > 0),
  target_date TEXT NOT NULL,
  probability REAL NOT NULL CHECK (probability BETWEEN 0 AND 1),
  median_date TEXT,
  inputs_hash TEXT NOT NULL,
  model_version TEXT NOT NULL,
  seed TEXT NOT NULL,
  paths INTEGER NOT NULL,
  horizon_days INTEGER NOT NULL,
  actor TEXT NOT NULL,
  known_from INTEGER NOT NULL
) STRICT;
CREATE INDEX forecasts_people ON forecasts(people, as_of_date);

-- People equipped at the end of a day, by weeks.
CREATE TABLE forecast_days (
  forecast INTEGER NOT NULL REFERENCES forecasts(id),
  day TEXT NOT NULL,
  p05 REAL NOT NULL,
  p10 REAL NOT NULL,
  p25 REAL NOT NULL,
  p50 REAL NOT NULL,
  p75 REAL NOT NULL,
  p90 REAL NOT NULL,
  p95 REAL NOT NULL,
  PRIMARY KEY (forecast, day)
) STRICT, WITHOUT ROWID;
