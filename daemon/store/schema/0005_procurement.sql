-- Procurement: orders that are only planned, shipments, deliveries of another model than was ordered, what the forecast
-- assumes, and the targets it is asked about.

-- An order may be planned (since `planned_on`, for `order_date`) before it is placed. Of one that was recorded when it
-- was placed, `planned_on` is NULL; of one that is still planned, the other two are.
ALTER TABLE orders ADD COLUMN planned_on TEXT;
ALTER TABLE orders ADD COLUMN placed_date TEXT;
ALTER TABLE orders ADD COLUMN placed_known INTEGER;
UPDATE orders SET placed_date = order_date, placed_known = known_from;

-- What other programs call the line; '' when nobody does.
ALTER TABLE order_lines ADD COLUMN external_id TEXT NOT NULL DEFAULT '';
CREATE INDEX order_lines_external_id ON order_lines(external_id) WHERE external_id <> '';

CREATE TABLE shipments (
  id INTEGER PRIMARY KEY,
  line INTEGER NOT NULL REFERENCES order_lines(id),
  announced_date TEXT NOT NULL,
  shipped_date TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity >= 1),
  carrier TEXT NOT NULL,
  tracking TEXT NOT NULL,
  actor TEXT NOT NULL,
  known_from INTEGER NOT NULL
) STRICT;
CREATE INDEX shipments_line ON shipments(line);

-- What came instead of the line's model; '' for what was ordered.
ALTER TABLE receipts ADD COLUMN manufacturer TEXT NOT NULL DEFAULT '';
ALTER TABLE receipts ADD COLUMN model TEXT NOT NULL DEFAULT '';

-- The day on which a laptop is to be taken out of service.
ALTER TABLE laptops ADD COLUMN end_of_life TEXT;
ALTER TABLE laptop_versions ADD COLUMN end_of_life TEXT;

-- What a forecast assumes beside what is recorded of laptops, people and orders. Append only: of a setting, the newest
-- row whose day is not after the one asked about holds.
CREATE TABLE planning (
  id INTEGER PRIMARY KEY,
  setting TEXT NOT NULL,
  value TEXT NOT NULL,
  effective_date TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  known_from INTEGER NOT NULL
) STRICT;

-- Targets of coverage, append only in the same way: a later row of the same key changes or, dropped, ends a target.
CREATE TABLE targets (
  id INTEGER PRIMARY KEY,
  target TEXT NOT NULL,
  target_key TEXT NOT NULL,
  due_date TEXT NOT NULL,
  ratio REAL NOT NULL CHECK (ratio > 0),
  people TEXT NOT NULL,
  dropped INTEGER NOT NULL CHECK (dropped IN (0, 1)),
  effective_date TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  known_from INTEGER NOT NULL
) STRICT;
CREATE INDEX targets_key ON targets(target_key, id);
