-- An end can be corrected, also to "it never ended", which has neither day nor reason: what a version is about is said.
ALTER TABLE placement_changes ADD COLUMN about_end INTEGER NOT NULL DEFAULT 0;
UPDATE placement_changes SET about_end = 1 WHERE from_on IS NULL;
