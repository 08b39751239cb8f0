-- The link of each row to all rows before it (Store/AuditChain.cs): whoever changes, takes out or slips in a row later breaks it.
-- NULL in rows from before there was a chain.
ALTER TABLE events ADD COLUMN link BLOB;
ALTER TABLE operator_acts ADD COLUMN link BLOB;
