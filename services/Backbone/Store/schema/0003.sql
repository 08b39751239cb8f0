-- Up to which own event the broker has confirmed. Written now and then: what was published after it is published again after a crash.
CREATE TABLE published (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  sequence INTEGER NOT NULL
) STRICT;
INSERT INTO published VALUES (1, 0);
