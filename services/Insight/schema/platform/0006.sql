-- A citizen's own request that they did not share: its municipality hears of it with the advice (Participatiewet 10b lid 3), also in
-- a figure.
ALTER TABLE advice_requests ADD COLUMN not_shared INTEGER NOT NULL DEFAULT 0;
-- Whether they shared it was not kept before this: none without an advice counts as shared. 1 is the citizen.
UPDATE advice_requests SET not_shared = 1 WHERE requester = 1 AND issued_on IS NULL;
