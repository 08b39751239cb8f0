-- The id of a placement is its reporter's own, so two municipalities may have the same one: a placement is known by both. Until now
-- the second report and its changes overwrote those of the first. What was overwritten stands in the log of SwCompanies: an Insight
-- that begins empty reads it again.
CREATE TABLE placements_by_municipality (
  municipality TEXT NOT NULL,
  placement_id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  start_on INTEGER NOT NULL,
  last_day INTEGER,                      -- worked; NULL for none
  minutes_per_week INTEGER NOT NULL,
  form INTEGER NOT NULL,
  sector INTEGER NOT NULL,
  reported_at INTEGER NOT NULL,
  PRIMARY KEY (municipality, placement_id)
) STRICT, WITHOUT ROWID;

INSERT INTO placements_by_municipality
SELECT municipality, placement_id, case_id, start_on, last_day, minutes_per_week, form, sector, reported_at FROM placements;

DROP TABLE placements;
ALTER TABLE placements_by_municipality RENAME TO placements;

CREATE TABLE placement_changes_by_municipality (
  municipality TEXT NOT NULL,
  placement_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  from_on INTEGER,                       -- with minutes_per_week: hours from this day on
  minutes_per_week INTEGER,
  last_day INTEGER,                      -- of the whole placement, as it stands from this version on
  about_end INTEGER NOT NULL,            -- whether it says how the placement ended, or that it never did
  end_reason INTEGER NOT NULL DEFAULT 0,
  recorded_at INTEGER NOT NULL,
  PRIMARY KEY (municipality, placement_id, version)
) STRICT, WITHOUT ROWID;

INSERT INTO placement_changes_by_municipality
SELECT municipality, placement_id, version, from_on, minutes_per_week, last_day, about_end, end_reason, recorded_at FROM placement_changes;

DROP TABLE placement_changes;
ALTER TABLE placement_changes_by_municipality RENAME TO placement_changes;
