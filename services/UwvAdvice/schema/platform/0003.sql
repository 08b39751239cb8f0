-- Whether a citizen shared their own request with the municipality before the advice; of no other is the municipality told that it runs.
-- Of requests from before this, it is not known here: they count as not shared.
ALTER TABLE indexed_requests ADD COLUMN shared_before_advice INTEGER NOT NULL DEFAULT 0;
