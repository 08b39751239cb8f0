-- A version says its own part only: hours and last day from a day on, or how the placement ended. So an end leaves the agreed
-- last day alone, and what was told late holds from its own day. None is ever changed.
CREATE TABLE placement_versions_told (
  placement_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  from_on INTEGER,                       -- NULL when it is about the end
  minutes_per_week INTEGER,              -- from from_on; NULL when it says nothing of hours
  last_day INTEGER,                      -- agreed from from_on, worked, 99991231 for none; NULL when it says nothing of it
  end_reason INTEGER,                    -- 0: it never ended; NULL when it says nothing of the end
  end_cause INTEGER,
  end_last_day INTEGER,                  -- worked; NULL when it never ended
  PRIMARY KEY (placement_id, version)
) STRICT, WITHOUT ROWID;

-- Until now nothing followed an end: where the placement ended, its last version is the end.
INSERT INTO placement_versions_told (placement_id, version, from_on, minutes_per_week, last_day, end_reason, end_cause, end_last_day)
SELECT v.placement_id, v.version,
       iif(v.is_end, NULL, v.from_on),
       iif(v.is_end, NULL, v.minutes_per_week),
       iif(v.is_end OR v.last_day = v.earlier_last_day, NULL, v.last_day),
       iif(v.is_end, v.end_reason, NULL),
       iif(v.is_end, v.end_cause, NULL),
       iif(v.is_end, v.last_day, NULL)
FROM (
  SELECT t.*, p.end_reason, p.end_cause, p.end_reason <> 0 AND t.version = p.version AS is_end,
         lag(t.last_day) OVER (PARTITION BY t.placement_id ORDER BY t.version) AS earlier_last_day
  FROM placement_versions t JOIN placements p ON p.placement_id = t.placement_id
) v;

-- The placement's own row keeps the hours as reported.
UPDATE placements
SET minutes_per_week = (SELECT v.minutes_per_week FROM placement_versions v
                        WHERE v.placement_id = placements.placement_id AND v.version = 1)
WHERE version > 1;

DROP TABLE placement_versions;
ALTER TABLE placement_versions_told RENAME TO placement_versions;

-- All decisions of the college, of which cases holds what stands since when by the latest day; of two on one day the later told.
-- Read only for a report that is refused otherwise.
CREATE TABLE determinations (
  case_id BLOB NOT NULL,
  determined_on INTEGER NOT NULL,
  determination INTEGER NOT NULL,
  PRIMARY KEY (case_id, determined_on)
) STRICT, WITHOUT ROWID;
INSERT INTO determinations (case_id, determined_on, determination) SELECT case_id, determined_on, determination FROM cases;

-- A withdrawal is final: what is told of the place after it changes nothing.
ALTER TABLE offers ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
