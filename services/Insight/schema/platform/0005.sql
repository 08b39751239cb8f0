-- Ids of cases that their municipality joined to another case of the same person. The facts keep the id that was told.
CREATE TABLE case_aliases (
  alias_id BLOB PRIMARY KEY,
  case_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;
