-- How the numbers of municipalities that were split are divided over their successors.
CREATE TABLE regulation_shares (
  regulation_id BLOB NOT NULL,
  code          TEXT NOT NULL,                 -- municipality of the row
  successor     TEXT NOT NULL,
  number        INTEGER NOT NULL,
  PRIMARY KEY (regulation_id, code, successor)
) STRICT, WITHOUT ROWID;

-- Until now all of Littenseradiel (GM0140) counted for Súdwest-Fryslân (GM1900): what was given stays.
INSERT INTO regulation_shares
SELECT regulation_id, code, column1, CASE column1 WHEN 'GM1900' THEN number ELSE 0 END
FROM regulation_numbers, (VALUES ('GM0080'), ('GM1900'), ('GM1949')) WHERE code = 'GM0140';

-- Events of before did not say when the regulation was published: they are told once more, as they say it now.
ALTER TABLE applied_numbers ADD COLUMN publication_told INTEGER NOT NULL DEFAULT 0;
