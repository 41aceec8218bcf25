-- The index of simulations, the event log and history. Times are UTC ticks of 100 ns since 0001-01-01.

CREATE TABLE simulation_index (
    simulation   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    campaign     TEXT COLLATE "C",
    project      TEXT COLLATE "C",
    scenario     TEXT COLLATE "C",
    variant      TEXT COLLATE "C",
    status       TEXT COLLATE "C" NOT NULL,
    is_live      BIGINT NOT NULL,
    owner        TEXT COLLATE "C",
    institution  TEXT COLLATE "C",
    cluster      TEXT COLLATE "C",
    priority     BIGINT NOT NULL,
    progress     DOUBLE PRECISION NOT NULL,
    submitted_at BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    summary      BYTEA NOT NULL
);

CREATE INDEX simulation_index_submitted ON simulation_index (submitted_at DESC, simulation);
CREATE INDEX simulation_index_campaign ON simulation_index (campaign, submitted_at DESC, simulation);
CREATE INDEX simulation_index_scenario ON simulation_index (scenario);
CREATE INDEX simulation_index_live ON simulation_index (cluster, simulation) WHERE is_live = 1;

CREATE TABLE event_log (
    position   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source     TEXT COLLATE "C" NOT NULL,
    sequence   BIGINT NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL,
    campaign   TEXT COLLATE "C",
    simulation TEXT COLLATE "C",
    project    TEXT COLLATE "C",
    at         BIGINT NOT NULL,
    payload    BYTEA NOT NULL,
    UNIQUE (source, sequence)
);

CREATE INDEX event_log_campaign ON event_log (campaign, position) WHERE campaign IS NOT NULL;
CREATE INDEX event_log_simulation ON event_log (simulation, position) WHERE simulation IS NOT NULL;
CREATE INDEX event_log_at ON event_log (at);

-- What was pruned of each source, so that a late repeat of it is not taken for news.
CREATE TABLE event_floor (
    source   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL
);

CREATE TABLE event_cursor (
    consumer TEXT COLLATE "C" NOT NULL,
    source   TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (source, consumer)
);

CREATE TABLE history (
    kind      TEXT COLLATE "C" NOT NULL,
    owner_key TEXT COLLATE "C" NOT NULL,
    sequence  BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    version   BIGINT NOT NULL,
    payload   BYTEA NOT NULL,
    PRIMARY KEY (kind, owner_key, sequence)
);

CREATE INDEX history_at ON history (kind, at);
