CREATE TABLE companies (
  company_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  labour_market_region INTEGER NOT NULL,
  registered_on INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
