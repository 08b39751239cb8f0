-- Where the feed of this municipality is sent to.
CREATE TABLE webhooks (
  webhook_id   BLOB PRIMARY KEY,
  target       BLOB NOT NULL,             -- sealed: the secret and the URL, whose query may hold another
  types        TEXT NOT NULL,             -- full CloudEvent types, separated by blanks; empty for all
  position     INTEGER NOT NULL,          -- in events: up to here everything was delivered, or is not wanted
  state        INTEGER NOT NULL,          -- WebhookState
  pause_reason INTEGER NOT NULL,          -- PauseReason
  created_at   INTEGER NOT NULL,          -- Unix milliseconds
  paused_at    INTEGER
) STRICT, WITHOUT ROWID;

-- The deliveries of the last 30 days, and those that wait. By rowid, so that the oldest are found without an index.
CREATE TABLE deliveries (
  delivery_id      INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook_id       BLOB NOT NULL,
  position         INTEGER NOT NULL,      -- in events
  event_id         BLOB NOT NULL,
  type             TEXT NOT NULL,
  attempts         INTEGER NOT NULL,
  failed_in_a_row  INTEGER NOT NULL,      -- attempts of the running retry schedule
  failure          INTEGER NOT NULL,      -- DeliveryFailure of the last attempt
  http_status      INTEGER NOT NULL,      -- of the last attempt; 0: no answer
  first_attempt_at INTEGER NOT NULL,      -- Unix milliseconds
  last_attempt_at  INTEGER NOT NULL,
  next_attempt_at  INTEGER,
  delivered_at     INTEGER,
  asked            INTEGER NOT NULL       -- 1: somebody asked for an attempt now
) STRICT;
CREATE UNIQUE INDEX deliveries_webhook ON deliveries (webhook_id, position);
CREATE INDEX deliveries_asked ON deliveries (webhook_id, position) WHERE asked = 1;
