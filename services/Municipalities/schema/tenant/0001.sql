-- What Municipalities keeps of one municipality.

-- One case per person. No person in it: person_id refers to the sealed persons of this store.
CREATE TABLE cases (
  case_id              BLOB PRIMARY KEY,
  person_id            BLOB NOT NULL UNIQUE,
  state                INTEGER NOT NULL,  -- CaseState
  source               INTEGER NOT NULL,  -- CandidateSource
  benefit              INTEGER NOT NULL,  -- Benefit
  support_needs        TEXT NOT NULL,     -- numbers of SupportNeed, separated by commas
  known_to_municipality INTEGER NOT NULL,
  opened_on            INTEGER NOT NULL,  -- dates as yyyymmdd
  advice_request_id    BLOB,              -- the latest request at UWV
  asked_by             BLOB,              -- request_id of the call that asks UWV
  verdict              INTEGER NOT NULL,
  advised_on           INTEGER,
  determination        INTEGER NOT NULL,
  determined_on        INTEGER,
  notified_on          INTEGER,
  deviation_reason     BLOB,              -- sealed: free text about a person
  duty_open            INTEGER NOT NULL,
  offer_id             BLOB,              -- the latest offer
  left_on              INTEGER,           -- first day after sheltered work, or day of dropping out
  dropped_out_on       INTEGER,
  discrepancies        TEXT NOT NULL,     -- numbers of DiscrepancyKind, separated by commas
  citizen              TEXT,              -- actor of the citizen's own request, as UWV's event names it
  version              INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX cases_advice ON cases (advice_request_id) WHERE advice_request_id IS NOT NULL;

CREATE TABLE offers (
  offer_id         BLOB PRIMARY KEY,
  case_id          BLOB NOT NULL,
  company_id       TEXT NOT NULL,         -- empty for another employer
  employer         TEXT NOT NULL,         -- empty for a sw-company
  planned_start    INTEGER NOT NULL,
  minutes_per_week INTEGER NOT NULL,
  offered_on       INTEGER NOT NULL,
  answered_on      INTEGER,
  state            INTEGER NOT NULL,      -- OfferState
  above_number     INTEGER NOT NULL,
  budget_decision  TEXT NOT NULL,
  withdrawal_reason BLOB                  -- sealed: free text about a person
) STRICT, WITHOUT ROWID;

-- How a case counts from day to day: waiting, reserved, at work, served otherwise. Bitemporal and append-only but for
-- superseded_at: what was recorded at an instant about a day can always be asked. The sum over it is the ledger.
CREATE TABLE standings (
  standing_id   INTEGER PRIMARY KEY,
  case_id       BLOB NOT NULL,
  kind          INTEGER NOT NULL,         -- StandingKind
  minutes       INTEGER NOT NULL,         -- a week
  from_on       INTEGER NOT NULL,
  last_day      INTEGER,                  -- NULL: until further notice
  offer_id      BLOB,
  placement_id  BLOB,
  followed      INTEGER NOT NULL,         -- 1: the same place goes on in another row
  recorded_at   INTEGER NOT NULL,         -- Unix milliseconds
  superseded_at INTEGER                   -- NULL: what we hold true now
) STRICT;
CREATE INDEX standings_case ON standings (case_id) WHERE superseded_at IS NULL;
CREATE INDEX standings_held ON standings (last_day, case_id, minutes) WHERE superseded_at IS NULL AND followed = 0 AND kind IN (2, 3);
CREATE INDEX standings_placement ON standings (placement_id) WHERE placement_id IS NOT NULL;

-- The numbers of the regulations as applied to this municipality, successors included. A correction is a new row.
CREATE TABLE quotas (
  quota_id       INTEGER PRIMARY KEY,
  regulation_id  BLOB NOT NULL,
  year           INTEGER NOT NULL,
  number         INTEGER NOT NULL,
  counting_unit  INTEGER NOT NULL,
  origin         INTEGER NOT NULL,
  published_on   INTEGER NOT NULL,
  effective_from INTEGER NOT NULL,
  source         TEXT NOT NULL,
  recorded_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX quotas_year ON quotas (year, published_on);

-- Which events of the log belong to the timeline of a case, own and received.
CREATE TABLE case_facts (
  case_id  BLOB NOT NULL,                 -- of a citizen's own request that has no case yet: the id of the request
  position INTEGER NOT NULL,              -- in events
  PRIMARY KEY (case_id, position)
) STRICT, WITHOUT ROWID;

-- Who asked UWV himself, until the advice makes a case of it.
CREATE TABLE citizen_requests (
  advice_request_id BLOB PRIMARY KEY,
  actor             TEXT NOT NULL
) STRICT, WITHOUT ROWID;
