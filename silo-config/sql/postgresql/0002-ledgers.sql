-- Ledgers: journals with snapshots. The head names the last sequence; taking the next one fences a second activation.
-- Times are UTC ticks of 100 ns since 0001-01-01.

CREATE TABLE ledger_head (
    grain    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL
);

CREATE TABLE ledger (
    grain    TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    version  BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    payload  BYTEA NOT NULL,
    PRIMARY KEY (grain, sequence)
);

CREATE TABLE ledger_snapshot (
    grain    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    payload  BYTEA NOT NULL
);
