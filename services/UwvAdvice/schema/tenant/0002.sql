-- Why UWV ended a request without an advice; 0 when it did not.
ALTER TABLE dossiers ADD COLUMN ending INTEGER NOT NULL DEFAULT 0;

-- When it was stored, in Unix milliseconds; 0 for those from before this was kept.
ALTER TABLE dossiers ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;

-- The municipality's case: its own reference, or what its events say of a citizen's own request. A dropout names the case.
ALTER TABLE dossiers ADD COLUMN case_id BLOB;
UPDATE dossiers SET case_id = requester_reference;
CREATE INDEX dossiers_by_case ON dossiers (case_id) WHERE case_id IS NOT NULL;
