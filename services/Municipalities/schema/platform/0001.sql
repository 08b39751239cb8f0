-- What Municipalities keeps for the platform as a whole, beside the table `tenants` of every platform store.

-- What registration told of a municipality; its name and whether it takes part stand in `tenants`.
CREATE TABLE municipalities (
  code                      TEXT PRIMARY KEY,
  province                  TEXT NOT NULL,
  labour_market_region      INTEGER NOT NULL,
  labour_market_region_name TEXT NOT NULL,
  registered_on             INTEGER NOT NULL,  -- dates as yyyymmdd
  changed_on                INTEGER NOT NULL,  -- of the latest registration, suspension or resumption
  suspension_reason         TEXT NOT NULL      -- of the latest suspension
) STRICT, WITHOUT ROWID;

CREATE TABLE regulations (
  regulation_id  BLOB PRIMARY KEY,
  year           INTEGER NOT NULL,
  counting_unit  INTEGER NOT NULL,
  source         TEXT NOT NULL,
  stated_total   INTEGER NOT NULL,
  published_on   INTEGER NOT NULL,
  effective_from INTEGER NOT NULL,
  recorded_at    INTEGER NOT NULL              -- Unix milliseconds
) STRICT, WITHOUT ROWID;
CREATE INDEX regulations_year ON regulations (year);

-- As published, in the division of the day of publication.
CREATE TABLE regulation_numbers (
  regulation_id BLOB NOT NULL,
  code          TEXT NOT NULL,
  number        INTEGER NOT NULL,
  origin        INTEGER NOT NULL,
  PRIMARY KEY (regulation_id, code)
) STRICT, WITHOUT ROWID;

-- What each tenant store was given, so that a restart knows what is left to do.
CREATE TABLE applied_numbers (
  regulation_id BLOB NOT NULL,
  code          TEXT NOT NULL,
  number        INTEGER NOT NULL,
  origin        INTEGER NOT NULL,
  PRIMARY KEY (regulation_id, code)
) STRICT, WITHOUT ROWID;
