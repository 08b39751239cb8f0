-- Requests for advice that are about one person in several municipalities, as UWV tells. Those of one group are of one person.
CREATE TABLE linked_requests (
  advice_request_id BLOB PRIMARY KEY,
  group_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX linked_requests_by_group ON linked_requests (group_id);

-- The case in which each request for advice was decided on.
CREATE TABLE determined_requests (
  advice_request_id BLOB PRIMARY KEY,
  municipality TEXT NOT NULL,
  case_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX determined_requests_by_case ON determined_requests (case_id);

-- Linked cases whose hours changed, or are about to: a row stands here before the change and goes once they were looked at.
CREATE TABLE hours_to_check (
  check_id BLOB PRIMARY KEY,
  case_id BLOB NOT NULL,
  changed_by BLOB                        -- the running process whose call has not ended; NULL: to be looked at now
) STRICT, WITHOUT ROWID;
