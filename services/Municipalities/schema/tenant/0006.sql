-- Cases that turned out to be of one person were joined: the id that is gone leads to the case that stays.
CREATE TABLE case_aliases (
  alias_id BLOB PRIMARY KEY,
  case_id  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX case_aliases_case ON case_aliases (case_id);

-- Why a person on record was corrected, beside the event that says when and by whom.
CREATE TABLE person_corrections (
  position INTEGER PRIMARY KEY,           -- in events
  reason   BLOB NOT NULL                  -- sealed: free text about a person
) STRICT;
