-- Whose case it is says the person on record, whom a citizen's token must name; who asked UWV gives no right to it.
ALTER TABLE cases DROP COLUMN citizen;
