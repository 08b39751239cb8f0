-- Dropouts before placement, for a request of the case that was asked for earlier and arrives later.
CREATE TABLE dropouts (
  event_id       BLOB    PRIMARY KEY,  -- of the event that told it, by which the municipality takes it back
  case_id        BLOB    NOT NULL,
  recorded_at    INTEGER NOT NULL,     -- by the municipality, in Unix milliseconds
  reason         INTEGER NOT NULL,     -- DropoutReason
  dropped_out_on INTEGER NOT NULL      -- yyyymmdd
) STRICT, WITHOUT ROWID;
CREATE INDEX dropouts_of_case ON dropouts (case_id, recorded_at);

-- Those that the municipality took back. They are remembered, because the event of a dropout may be read again, or after this.
CREATE TABLE dropouts_taken_back (
  event_id BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
