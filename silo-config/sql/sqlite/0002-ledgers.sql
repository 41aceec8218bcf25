-- Ledgers: journals with snapshots. The head names the last sequence; taking the next one fences a second activation.
-- Times are UTC ticks of 100 ns since 0001-01-01.

CREATE TABLE ledger_head (
    grain    TEXT NOT NULL PRIMARY KEY,
    sequence INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE ledger (
    grain    TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    version  INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    payload  BLOB NOT NULL,
    PRIMARY KEY (grain, sequence)
);

CREATE TABLE ledger_snapshot (
    grain    TEXT NOT NULL PRIMARY KEY,
    sequence INTEGER NOT NULL,
    version  INTEGER NOT NULL,
    payload  BLOB NOT NULL
);
