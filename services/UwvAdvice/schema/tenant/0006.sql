-- Whom citizens' tokens named when they asked, and their record then: a token names no BSN by which to find it.
CREATE TABLE citizens (
  person    BLOB NOT NULL PRIMARY KEY,    -- keyed hash of the BSN, as in the token
  person_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX citizens_by_record ON citizens (person_id);

-- What a citizen lists: their own requests, whoever asked for them.
CREATE INDEX dossiers_of_citizens ON dossiers (person_id, due_on, advice_request_id) WHERE requester = 1;
