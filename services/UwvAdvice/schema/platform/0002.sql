-- Whether it was told whose request it is (PersonRecognised, RequestsLinked); what was not yet is told in the background.
ALTER TABLE indexed_requests ADD COLUMN recognised INTEGER NOT NULL DEFAULT 0;
CREATE INDEX indexed_requests_unrecognised ON indexed_requests (advice_request_id) WHERE recognised = 0;
