-- State and reminders of grains. Times are UTC ticks of 100 ns since 0001-01-01:
--   SELECT datetime(updated_at / 10000000 - 62135596800, 'unixepoch') FROM grain_state;

CREATE TABLE grain_state (
    service    TEXT    NOT NULL,
    grain_type TEXT    NOT NULL,
    grain_key  TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    payload    BLOB,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (service, grain_type, grain_key, state)
);

CREATE TABLE reminder (
    service    TEXT    NOT NULL,
    grain      TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    hash       INTEGER NOT NULL,
    start_at   INTEGER NOT NULL,
    period     INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    PRIMARY KEY (service, grain, name)
) WITHOUT ROWID;

CREATE INDEX reminder_hash ON reminder (service, hash);
