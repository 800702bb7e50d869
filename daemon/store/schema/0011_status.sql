-- The status of a fleet reads who holds what, and who needs a laptop, from these alone: rows of people and laptops are ten
-- times as long.
DROP INDEX laptops_state;
CREATE INDEX laptops_state ON laptops(state, holder);
CREATE INDEX people_needing ON people(needs_laptop, population, start_date, end_date);
