-- Cases with something to look at are few among many: who looks for them does not read the others.
CREATE INDEX cases_with_discrepancies ON cases (case_id) WHERE discrepancies <> '';
