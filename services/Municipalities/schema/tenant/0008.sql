-- Why the municipality did what an event tells, beside that event: it corrected a person, took an act back, or decided otherwise than
-- UWV advised.
-- A decision that is recorded later, of whatever day, leaves the reasons of the others.
ALTER TABLE person_corrections RENAME TO reasons;

ALTER TABLE cases ADD COLUMN decision_at INTEGER;  -- in events: the decision that holds; NULL for none, or until the case changes next
-- A case had one reason: of the decision recorded last of those that deviate. `deviates` is the last field of the event (number 6).
UPDATE cases SET decision_at = (
  SELECT MAX(e.position) FROM case_facts f JOIN events e ON e.position = f.position
  WHERE f.case_id = cases.case_id AND e.type = 'case-determined' AND substr(e.data, -2) = x'3001')
WHERE deviation_reason IS NOT NULL;
INSERT INTO reasons (position, reason) SELECT decision_at, deviation_reason FROM cases WHERE decision_at IS NOT NULL;
-- One that does not deviate may have been recorded since: what holds is computed when the case changes next.
UPDATE cases SET decision_at = NULL WHERE determination = 0 OR decision_at <> (
  SELECT MAX(e.position) FROM case_facts f JOIN events e ON e.position = f.position
  WHERE f.case_id = cases.case_id AND e.type = 'case-determined');
ALTER TABLE cases DROP COLUMN deviation_reason;

-- Calls that ask UWV for advice and are not answered yet. A retry repeats what was first sent, also when the person was corrected or the
-- case was joined meanwhile. A row goes when the answer is kept in requests, or when UWV refuses; of a call that nobody repeats, after
-- as long as answers are kept.
CREATE TABLE asked_requests (
  request_id BLOB PRIMARY KEY,            -- of the municipality's call
  case_id    BLOB NOT NULL,               -- the case that it asks for
  digest     BLOB,                        -- of the municipality's call, as in requests; NULL when an earlier version asked
  asked      BLOB,                        -- what UWV is sent; sealed: it names the person; NULL when an earlier version asked
  asked_at   INTEGER NOT NULL             -- Unix milliseconds
) STRICT, WITHOUT ROWID;
INSERT INTO asked_requests (request_id, case_id, asked_at)
SELECT asked_by, MIN(case_id), unixepoch() * 1000 FROM cases
WHERE asked_by IS NOT NULL AND asked_by NOT IN (SELECT request_id FROM requests) GROUP BY asked_by;
ALTER TABLE cases DROP COLUMN asked_by;

-- Cases of which UWV may know another person than stands on record here. A row goes when UWV was told.
CREATE TABLE corrections_due (
  case_id  BLOB PRIMARY KEY,
  position INTEGER NOT NULL               -- in events: what made it due last
) STRICT, WITHOUT ROWID;
