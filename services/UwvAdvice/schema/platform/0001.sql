-- The national index of persons who asked: UWV's rules are about a person wherever he lives. Also the advisers' work
-- queue of the whole country. The person is a hash with UWV's own key and nothing else.
CREATE TABLE indexed_requests (
  advice_request_id    BLOB    NOT NULL PRIMARY KEY,
  person_hash          BLOB    NOT NULL,
  municipality         TEXT    NOT NULL,
  claim_id             BLOB,              -- until the request is known to be stored at its municipality
  requester            INTEGER NOT NULL,
  kind                 INTEGER NOT NULL,
  benefit              INTEGER NOT NULL,
  prior_contact        INTEGER NOT NULL,
  requester_reference  BLOB,
  received_on          INTEGER NOT NULL,  -- yyyymmdd, as all days
  due_on               INTEGER NOT NULL,
  outcome              INTEGER NOT NULL,
  state                INTEGER NOT NULL,  -- 0 while claimed
  verdict              INTEGER NOT NULL,
  ground               INTEGER NOT NULL,
  issued_on            INTEGER,
  version              INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX indexed_requests_by_person ON indexed_requests (person_hash);

-- The work queue: of one state by due date, then by id, which is also the key of its pages.
CREATE INDEX indexed_requests_by_state ON indexed_requests (state, due_on, advice_request_id);
