-- The municipalities that ever had a webhook, noted before it is made: at start only their stores are looked at.
CREATE TABLE webhook_municipalities (
  code TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
