-- Which case a citizen's own request became or joined: its events name none, and the case may count another request since.
CREATE TABLE citizen_cases (
  advice_request_id BLOB PRIMARY KEY,
  case_id           BLOB NOT NULL         -- its id may lead to another by now: case_aliases
) STRICT, WITHOUT ROWID;
-- Of these events requester is the second field, behind an id of 36 characters: x'1001' is the citizen.
INSERT INTO citizen_cases (advice_request_id, case_id)
SELECT unhex(replace(e.subject, '-', '')), MIN(f.case_id) FROM case_facts f JOIN events e ON e.position = f.position
WHERE e.type IN ('advice-requested', 'advice-issued') AND substr(e.data, 39, 2) = x'1001' AND f.case_id IN (SELECT case_id FROM cases)
GROUP BY e.subject;

-- Until the advice the municipality keeps nothing of a request that a citizen does not share (Participatiewet 10b lid 3). Who asked, UWV
-- tells with the advice. The events that an earlier version kept stay in the log, whose links hold them, and are shown to nobody.
DELETE FROM case_facts WHERE case_id IN (SELECT advice_request_id FROM citizen_requests) AND case_id NOT IN (SELECT case_id FROM cases);
DROP TABLE citizen_requests;
-- shared_before_advice is field 7 of advice-requested, x'3801'; the other two did not have it then.
DELETE FROM deliveries WHERE position IN (
  SELECT position FROM events
  WHERE type IN ('advice-requested', 'assessment-recorded', 'advice-withdrawn') AND substr(data, 39, 2) = x'1001'
    AND NOT (type = 'advice-requested' AND instr(data, x'3801') > 0));
