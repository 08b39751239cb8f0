-- Events say when a regulation was published and which one it is. Every event stays a row: which number holds on a day, as
-- known at an instant, is computed (NumberRule), so that two regulations with one effective_from stand side by side.
CREATE TABLE numbers_of_regulations (
  municipality TEXT NOT NULL,
  year INTEGER NOT NULL,
  effective_from INTEGER NOT NULL,
  regulation_id BLOB NOT NULL,           -- sixteen zeros: told before events named it
  recorded_at INTEGER NOT NULL,
  published_on INTEGER,                  -- NULL: told before events said it; the day of recording stands for it
  number INTEGER NOT NULL,
  counting_unit INTEGER NOT NULL,
  origin INTEGER NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (municipality, year, effective_from, regulation_id, recorded_at)
) STRICT, WITHOUT ROWID;

INSERT INTO numbers_of_regulations
SELECT municipality, year, effective_from, zeroblob(16), published_at, NULL, number, counting_unit, origin, source FROM quota_numbers;

DROP TABLE quota_numbers;
ALTER TABLE numbers_of_regulations RENAME TO quota_numbers;
