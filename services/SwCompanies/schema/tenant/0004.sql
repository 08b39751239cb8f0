-- Ids of cases that were joined to another case of the same person. Nothing else stands under them.
CREATE TABLE case_aliases (
  alias_id BLOB PRIMARY KEY,
  case_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- When the municipality recorded the decision, in Unix milliseconds: of two on one day the later one holds, also after a join.
ALTER TABLE determinations ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;

-- Joins from before this version are in the events that were applied already: they are read once more, and change nothing
-- else. Not where events of a source were lost, parked or dropped: there the order would be another one.
UPDATE sources SET applied = 0
WHERE service = 'municipalities' AND origin <> 'platform' AND lost = 0
  AND NOT EXISTS (SELECT 1 FROM sources other WHERE other.service = sources.service AND other.origin = sources.origin AND other.source_id <> sources.source_id)
  AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.source_id = sources.source_id)
  AND NOT EXISTS (SELECT 1 FROM operator_acts WHERE act = 'DROPPED');
