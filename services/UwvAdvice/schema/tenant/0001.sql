-- What UWV holds about one request for advice. The person is in Backbone's persons; what was found stands sealed.
CREATE TABLE dossiers (
  advice_request_id             BLOB    NOT NULL PRIMARY KEY,
  person_id                     BLOB    NOT NULL,
  requester                     INTEGER NOT NULL,
  asked_by                      TEXT,              -- organisation id of the citizen's token; NULL when the municipality asked
  kind                          INTEGER NOT NULL,
  benefit                       INTEGER NOT NULL,
  prior_contact                 INTEGER NOT NULL,
  previous_advice_request_id    BLOB,
  old_wsw_advice                INTEGER NOT NULL,
  new_facts_since_wsw_indication INTEGER NOT NULL, -- 0 or 1, as all flags
  new_facts_since_earlier_advice INTEGER NOT NULL,
  earlier_advice_on             INTEGER,           -- yyyymmdd, as the national index knew it on receipt
  requester_reference           BLOB,
  shared_before_advice          INTEGER NOT NULL,
  received_on                   INTEGER NOT NULL,  -- yyyymmdd, as all days
  due_on                        INTEGER NOT NULL,
  outcome                       INTEGER NOT NULL,
  state                         INTEGER NOT NULL,
  assessed_on                   INTEGER,
  sealed_assessment             BLOB,
  issued_on                     INTEGER,
  verdict                       INTEGER NOT NULL,
  ground                        INTEGER NOT NULL,
  withdrawn_on                  INTEGER,
  version                       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The work queue: of one state by due date, then by id, which is also the key of its pages.
CREATE INDEX dossiers_by_state ON dossiers (state, due_on, advice_request_id);
CREATE INDEX dossiers_by_citizen ON dossiers (asked_by, due_on, advice_request_id) WHERE asked_by IS NOT NULL;

-- Claims on the national index whose call never stored its request and that another request has taken over: should
-- that call wake up after all, it finds its claim here and stores nothing.
CREATE TABLE lost_claims (
  claim_id BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
