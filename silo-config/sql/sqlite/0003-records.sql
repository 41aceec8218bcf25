-- The index of simulations, the event log and history. Times are UTC ticks of 100 ns since 0001-01-01.

CREATE TABLE simulation_index (
    simulation   TEXT NOT NULL PRIMARY KEY,
    campaign     TEXT,
    project      TEXT,
    scenario     TEXT,
    variant      TEXT,
    status       TEXT NOT NULL,
    is_live      INTEGER NOT NULL,
    owner        TEXT,
    institution  TEXT,
    cluster      TEXT,
    priority     INTEGER NOT NULL,
    progress     REAL NOT NULL,
    submitted_at INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    summary      BLOB NOT NULL
);

CREATE INDEX simulation_index_submitted ON simulation_index (submitted_at DESC, simulation);
CREATE INDEX simulation_index_campaign ON simulation_index (campaign, submitted_at DESC, simulation);
CREATE INDEX simulation_index_scenario ON simulation_index (scenario);
CREATE INDEX simulation_index_live ON simulation_index (cluster, simulation) WHERE is_live = 1;

CREATE TABLE event_log (
    position   INTEGER PRIMARY KEY AUTOINCREMENT,
    source     TEXT NOT NULL,
    sequence   INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    campaign   TEXT,
    simulation TEXT,
    project    TEXT,
    at         INTEGER NOT NULL,
    payload    BLOB NOT NULL,
    UNIQUE (source, sequence)
);

CREATE INDEX event_log_campaign ON event_log (campaign, position) WHERE campaign IS NOT NULL;
CREATE INDEX event_log_simulation ON event_log (simulation, position) WHERE simulation IS NOT NULL;
CREATE INDEX event_log_at ON event_log (at);

-- What was pruned of each source, so that a late repeat of it is not taken for news.
CREATE TABLE event_floor (
    source   TEXT NOT NULL PRIMARY KEY,
    sequence INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE event_cursor (
    consumer TEXT NOT NULL,
    source   TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (source, consumer)
) WITHOUT ROWID;

CREATE TABLE history (
    kind      TEXT NOT NULL,
    owner_key TEXT NOT NULL,
    sequence  INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    version   INTEGER NOT NULL,
    payload   BLOB NOT NULL,
    PRIMARY KEY (kind, owner_key, sequence)
);

CREATE INDEX history_at ON history (kind, at);
