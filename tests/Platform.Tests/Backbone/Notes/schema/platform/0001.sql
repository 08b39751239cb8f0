-- The tables of the test service: one that is written by calls, one by reactions, and one whose foreign key fails at COMMIT.
CREATE TABLE notes (
  note_id     BLOB PRIMARY KEY,
  text        TEXT NOT NULL,
  author_id   BLOB,
  day         INTEGER,
  recorded_at INTEGER NOT NULL,
  kind        INTEGER NOT NULL,
  version     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE seen (
  seen_id  INTEGER PRIMARY KEY AUTOINCREMENT,
  sequence INTEGER NOT NULL,
  subject  TEXT NOT NULL,
  prepared TEXT
) STRICT;

CREATE TABLE links (
  link_id INTEGER PRIMARY KEY,
  note_id BLOB NOT NULL REFERENCES notes (note_id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
