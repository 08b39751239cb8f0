-- Answers by request_id and by who called: the same id of two callers is two keys, and neither hears that the other used it.
CREATE TABLE requests_of_callers (
  row_number INTEGER PRIMARY KEY,
  request_id BLOB NOT NULL,
  caller     BLOB NOT NULL,            -- keyed hash of the actor; empty in rows from before, of which the digest tells whose they are
  method     TEXT NOT NULL,
  digest     BLOB NOT NULL,            -- keyed hash of request and caller; the request itself may hold a person
  answer     BLOB NOT NULL,
  answered_at INTEGER NOT NULL,
  UNIQUE (request_id, caller)
) STRICT;
INSERT INTO requests_of_callers (row_number, request_id, caller, method, digest, answer, answered_at)
SELECT row_number, request_id, x'', method, digest, answer, answered_at FROM requests;
DROP TABLE requests;
ALTER TABLE requests_of_callers RENAME TO requests;
