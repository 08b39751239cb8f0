-- Whose a request is, as UWV tells Insight alone: the same person, the same pseudonym. Apart from the request, whose own facts
-- may come before or after it.
CREATE TABLE recognised_requests (
  advice_request_id BLOB PRIMARY KEY,
  pseudonym BLOB NOT NULL
) STRICT, WITHOUT ROWID;
