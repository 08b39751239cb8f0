-- Behind which row each chain of links began. It stands outside the rows, so that one whose links are taken away does not pass for one
-- that never had any.
CREATE TABLE chains (
  linked      TEXT PRIMARY KEY,        -- events, operator_acts
  began_after INTEGER NOT NULL         -- the last row from before there was a chain; 0 when there is none
) STRICT, WITHOUT ROWID;
INSERT INTO chains SELECT 'events', COALESCE(MAX(position), 0) FROM events WHERE link IS NULL;
INSERT INTO chains SELECT 'operator_acts', COALESCE(MAX(act_id), 0) FROM operator_acts WHERE link IS NULL;
