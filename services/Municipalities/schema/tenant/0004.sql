-- A start of work is found on the timeline by its standing: one entry less by case, each of which is a page of its own.
ALTER TABLE standings ADD COLUMN position INTEGER;  -- in events: the report of the start that it rests on; NULL: a fact of case_facts

-- Also of superseded standings: the report that they rest on stays on the timeline.
DROP INDEX standings_case;
CREATE INDEX standings_case ON standings (case_id);
