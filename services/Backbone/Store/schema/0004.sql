-- What operators did to this store, each in the transaction of its effect, for good.
CREATE TABLE operator_acts (
  act_id   INTEGER PRIMARY KEY AUTOINCREMENT,
  act      TEXT NOT NULL,              -- REQUEUED, DROPPED, BACKED_UP, RESTORED
  subject  TEXT NOT NULL,
  reason   TEXT NOT NULL,
  actor    TEXT NOT NULL,              -- <kind>:<id>
  acted_at INTEGER NOT NULL,           -- Unix milliseconds
  event    BLOB                        -- the CloudEvent that was dropped
) STRICT;

-- The sources that this store stamped before it was restored, oldest first: -1, -2 …, as events.source_id.
CREATE TABLE own_sources (
  source_id INTEGER PRIMARY KEY CHECK (source_id < 0),
  source    TEXT NOT NULL UNIQUE,      -- with its epoch
  events    INTEGER NOT NULL           -- how many of its events the backup held: later ones were lost
) STRICT;

-- How many of the applied events their producer lost when it was restored.
ALTER TABLE sources ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;

-- Which of the own sources `published.sequence` counts: 0 the one stamped now, below 0 one from before a restore.
ALTER TABLE published ADD COLUMN source_id INTEGER NOT NULL DEFAULT 0;
