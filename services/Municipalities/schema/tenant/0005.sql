-- A case follows from its facts. Its row says what it is today, and until when that holds without looking at them again.
ALTER TABLE cases ADD COLUMN frontier_on INTEGER;  -- latest day of its facts; work that begins then or later begins after all of them. NULL: look at them
ALTER TABLE cases ADD COLUMN works_until INTEGER;  -- last day of the work of now, 99991231 for none; NULL: does not work
ALTER TABLE cases ADD COLUMN turns_on INTEGER;     -- first day from which time alone may have changed the case since its row was written; NULL: none is known
CREATE INDEX cases_turning ON cases (turns_on) WHERE turns_on IS NOT NULL;
-- What earlier versions made of the facts in the order of their arrival is computed again at the first look.
UPDATE cases SET turns_on = 20150101;

-- Follows from the facts.
ALTER TABLE cases DROP COLUMN left_on;

-- Which place goes on in which row is a question of days: the ledger asks what is held at the same time.
DROP INDEX standings_held;
ALTER TABLE standings DROP COLUMN followed;
CREATE INDEX standings_held ON standings (last_day, case_id, minutes, from_on) WHERE superseded_at IS NULL AND kind IN (2, 3);
