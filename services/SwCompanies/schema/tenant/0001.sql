-- Dates are numbers yyyymmdd; 99991231 means without end. Ids are 16 bytes.

-- What municipality and company agreed: a placement may start from start_on to last_day.
CREATE TABLE contracts (
  contract_id BLOB PRIMARY KEY,
  company_id TEXT NOT NULL,
  signed_on INTEGER NOT NULL,
  start_on INTEGER NOT NULL,
  last_day INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contracts_by_company ON contracts (company_id, start_on);

-- What the municipality's events say about who may be placed.
CREATE TABLE cases (
  case_id BLOB PRIMARY KEY,
  determination INTEGER NOT NULL,
  determined_on INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE offers (
  offer_id BLOB PRIMARY KEY,
  case_id BLOB NOT NULL,
  company_id TEXT NOT NULL,              -- empty: another employer
  employer TEXT NOT NULL,                -- empty: a sw-company
  accepted INTEGER NOT NULL DEFAULT 0,
  answered_on INTEGER NOT NULL DEFAULT 99991231,
  freed_from INTEGER NOT NULL DEFAULT 99991231   -- from this day the place is somebody else's
) STRICT, WITHOUT ROWID;

-- What is in force now. The first version is what was reported: until a change it stands only here, so that a report costs one row.
CREATE TABLE placements (
  placement_id BLOB PRIMARY KEY,         -- the reporter's own UUIDv7: new rows come at the end
  case_id BLOB NOT NULL,
  offer_id BLOB NOT NULL,
  company_id TEXT NOT NULL,              -- empty: reported by the municipality
  employer TEXT NOT NULL,
  sector INTEGER NOT NULL,
  workplace TEXT NOT NULL,
  start_on INTEGER NOT NULL,
  minutes_per_week INTEGER NOT NULL,
  contract_type INTEGER NOT NULL,
  last_day INTEGER NOT NULL,
  terms TEXT NOT NULL,
  form INTEGER NOT NULL,
  version INTEGER NOT NULL,
  end_reason INTEGER NOT NULL,
  end_cause INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- The one index on the hot path: who else fills this person's forty hours on these days.
CREATE INDEX placements_by_case ON placements (case_id, last_day);

-- From the first change on, every version, the reported one included; none is ever changed.
CREATE TABLE placement_versions (
  placement_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  from_on INTEGER NOT NULL,
  minutes_per_week INTEGER NOT NULL,
  last_day INTEGER NOT NULL,
  PRIMARY KEY (placement_id, version)
) STRICT, WITHOUT ROWID;
