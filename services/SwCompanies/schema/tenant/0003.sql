-- Which excess of forty hours over several cases of a person was told (HoursExceeded) and is not over (HoursExcessEnded).
CREATE TABLE told_excesses (
  case_id BLOB NOT NULL,
  placement_id BLOB NOT NULL,
  from_on INTEGER NOT NULL,
  minutes_per_week INTEGER NOT NULL,
  PRIMARY KEY (case_id, placement_id, from_on, minutes_per_week)
) STRICT, WITHOUT ROWID;
