-- What tells a laptop from its copy: the boot before the present one, and the first report that came of the present
-- one. A machine does not go back to an earlier boot.
ALTER TABLE devices ADD COLUMN boot_before TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN boot_began INTEGER NOT NULL DEFAULT 0;
