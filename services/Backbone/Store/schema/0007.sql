-- How many of the lost events, the last ones, an operator has settled: they are named no more.
ALTER TABLE sources ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;
