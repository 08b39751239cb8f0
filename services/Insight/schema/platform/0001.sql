-- What the events said, one row per thing and no persons: ids are 16 bytes and pseudonymous. Dates are numbers yyyymmdd,
-- instants Unix milliseconds; *_at is when the producer recorded it. Sources arrive independently of each other, so a
-- row may be begun by any of its events, and nothing refers to a row that may come later.

CREATE TABLE municipalities (
  municipality TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  province TEXT NOT NULL,
  labour_market_region INTEGER NOT NULL,
  labour_market_region_name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE advice_requests (
  advice_request_id BLOB PRIMARY KEY,
  municipality TEXT NOT NULL,
  case_id BLOB,                          -- once known: from the request, the opening or the determination of the case
  requester INTEGER NOT NULL DEFAULT 0,
  received_on INTEGER,
  received_at INTEGER,
  issued_on INTEGER,
  verdict INTEGER NOT NULL DEFAULT 0,
  ground INTEGER NOT NULL DEFAULT 0,
  issued_at INTEGER,
  withdrawn_on INTEGER,
  withdrawn_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE cases (
  case_id BLOB PRIMARY KEY,
  municipality TEXT NOT NULL,
  opened_on INTEGER,
  opened_at INTEGER,
  determination INTEGER NOT NULL DEFAULT 0,  -- the latest
  determined_on INTEGER,
  determined_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE placements (
  placement_id BLOB PRIMARY KEY,
  municipality TEXT NOT NULL,
  case_id BLOB NOT NULL,
  start_on INTEGER NOT NULL,
  last_day INTEGER,                      -- worked; NULL for none
  minutes_per_week INTEGER NOT NULL,
  form INTEGER NOT NULL,
  sector INTEGER NOT NULL,
  reported_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What came after the report; the report itself is version 1.
CREATE TABLE placement_changes (
  placement_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  municipality TEXT NOT NULL,
  from_on INTEGER,                       -- with minutes_per_week: hours from this day on
  minutes_per_week INTEGER,
  last_day INTEGER,                      -- of the whole placement, as it stands from this version on
  end_reason INTEGER NOT NULL DEFAULT 0,
  recorded_at INTEGER NOT NULL,
  PRIMARY KEY (placement_id, version)
) STRICT, WITHOUT ROWID;

-- Numbers of the regulations, successors included; a later one for the same year holds from its effective_from on.
CREATE TABLE quota_numbers (
  municipality TEXT NOT NULL,
  year INTEGER NOT NULL,
  effective_from INTEGER NOT NULL,
  published_at INTEGER NOT NULL,
  number INTEGER NOT NULL,
  counting_unit INTEGER NOT NULL,
  origin INTEGER NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (municipality, year, effective_from, published_at)
) STRICT, WITHOUT ROWID;

-- Figures that others published, as they published them.
CREATE TABLE published_figures (
  published_figure_id INTEGER PRIMARY KEY,
  figure_id TEXT NOT NULL,
  period_from INTEGER,
  period_to INTEGER,
  peildatum INTEGER,
  municipality TEXT NOT NULL,            -- empty for the nation
  requester INTEGER NOT NULL,
  scenario INTEGER NOT NULL,
  source TEXT NOT NULL,
  value TEXT NOT NULL,
  rounding_step TEXT NOT NULL,
  unit INTEGER NOT NULL,
  origin INTEGER NOT NULL,
  imported_on INTEGER NOT NULL
) STRICT;
-- COALESCE, because two NULLs are never the same to an index.
CREATE UNIQUE INDEX published_figures_key ON published_figures
  (figure_id, COALESCE(period_from, 0), COALESCE(period_to, 0), COALESCE(peildatum, 0), municipality, requester, scenario, source);
