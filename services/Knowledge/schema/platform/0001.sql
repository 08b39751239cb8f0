-- Dates are numbers yyyymmdd, ids 16 bytes.
CREATE TABLE practices (
  practice_number INTEGER PRIMARY KEY,   -- the row of the text index
  practice_id BLOB NOT NULL UNIQUE,
  kind INTEGER NOT NULL,
  theme INTEGER NOT NULL,
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  body TEXT NOT NULL,
  author TEXT NOT NULL,                  -- kind and id of the organisation: municipality:GM0363
  organisation_id TEXT NOT NULL,
  state INTEGER NOT NULL,
  submitted_on INTEGER NOT NULL,
  reviewed_on INTEGER,
  remarks TEXT NOT NULL,
  published_on INTEGER,
  version INTEGER NOT NULL
) STRICT;

-- Only what is published stands in it. It reads the texts from practices: whatever changes or removes a published
-- text must first take it out here with 'delete'.
CREATE VIRTUAL TABLE practice_index USING fts5 (
  title, summary, body,
  content = 'practices', content_rowid = 'practice_number',
  tokenize = 'unicode61 remove_diacritics 2', prefix = '3'
);
