-- The municipalities that this service knows.
CREATE TABLE tenants (
  code    TEXT PRIMARY KEY,
  name    TEXT NOT NULL,
  state   INTEGER NOT NULL,            -- TenantStanding
  store_made INTEGER NOT NULL DEFAULT 0, -- 1 once its file exists: a file that is missing after that was lost, and is not made anew
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
