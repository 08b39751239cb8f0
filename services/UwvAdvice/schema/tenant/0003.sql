-- The person as the request named them, where that differs from the record; sealed as the record is.
ALTER TABLE dossiers ADD COLUMN sealed_given_person BLOB;
