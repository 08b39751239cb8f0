-- What every store holds beside its service's own tables.

-- The one row that says whose store this is. A new epoch on create and on restore: positions of one epoch mean nothing in another.
CREATE TABLE store (
  only_row    INTEGER PRIMARY KEY CHECK (only_row = 1),
  service     TEXT NOT NULL,
  origin      TEXT NOT NULL,           -- GM code, or 'platform'
  epoch       TEXT NOT NULL,
  wrapped_key BLOB NOT NULL,           -- this store's data key, sealed by the service's key under <data>/keys
  created_at  INTEGER NOT NULL         -- Unix milliseconds
) STRICT;

-- The log. AUTOINCREMENT, not a plain rowid: a position that was given out must never be given out again,
-- or a subscriber that resumes after it misses the event that took its place.
CREATE TABLE events (
  position    INTEGER PRIMARY KEY AUTOINCREMENT,
  source_id   INTEGER NOT NULL,        -- 0: raised here; else sources.source_id
  sequence    INTEGER NOT NULL,        -- of its source, 1, 2, 3 …
  event_id    BLOB NOT NULL,
  type        TEXT NOT NULL,           -- the event in kebab-case, such as advice-issued
  subject     TEXT NOT NULL,
  time        INTEGER NOT NULL,        -- Unix milliseconds
  traceparent TEXT,
  tracestate  TEXT,
  actor       TEXT NOT NULL,
  data        BLOB NOT NULL            -- the event's protobuf message
) STRICT;
CREATE UNIQUE INDEX events_sequence ON events (source_id, sequence);

-- How far this store has applied each source that it follows.
CREATE TABLE sources (
  source_id INTEGER PRIMARY KEY,
  service   TEXT NOT NULL,
  origin    TEXT NOT NULL,
  source    TEXT NOT NULL UNIQUE,      -- with its epoch
  applied   INTEGER NOT NULL,
  attempts  INTEGER NOT NULL           -- starts of this process that met the next event unfinished
) STRICT;

-- Events that failed for good, and those of the same subject that wait behind them.
CREATE TABLE parked (
  parked_id INTEGER PRIMARY KEY AUTOINCREMENT,
  source_id INTEGER NOT NULL,
  sequence  INTEGER NOT NULL,
  subject   TEXT NOT NULL,
  reason    TEXT NOT NULL,
  parked_at INTEGER NOT NULL,
  position  INTEGER,                   -- in events, where it is kept
  event     BLOB NOT NULL              -- the CloudEvent
) STRICT;
CREATE INDEX parked_subject ON parked (subject, parked_id);

-- Answers by request_id, in the transaction of their effect. By rowid, so that the oldest are found without an index.
CREATE TABLE requests (
  row_number INTEGER PRIMARY KEY,
  request_id BLOB NOT NULL UNIQUE,
  method     TEXT NOT NULL,
  digest     BLOB NOT NULL,            -- keyed hash of request and caller; the request itself may hold a person
  answer     BLOB NOT NULL,
  answered_at INTEGER NOT NULL
) STRICT;

-- Persons: found by a keyed hash of the BSN, readable only with this store's key.
CREATE TABLE persons (
  person_id BLOB PRIMARY KEY,
  bsn_hash  BLOB NOT NULL UNIQUE,
  sealed    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
