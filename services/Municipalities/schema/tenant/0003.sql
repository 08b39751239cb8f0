-- What a case holds or is owed beside work: asked at every placement, however many the case already had.
CREATE INDEX standings_held_by_case ON standings (case_id) WHERE superseded_at IS NULL AND kind <> 3;
