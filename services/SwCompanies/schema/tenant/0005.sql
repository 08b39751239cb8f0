-- The id by which a sw-company knows its placement, where another reporter had used that id in this municipality before; NULL:
-- placement_id. Almost always NULL, so that the index costs a report nothing.
ALTER TABLE placements ADD COLUMN reported_as BLOB;
CREATE UNIQUE INDEX placements_reported_as ON placements (company_id, reported_as) WHERE reported_as IS NOT NULL;
