-- Who may do what, who did what, and what was answered. Times are UTC ticks of 100 ns since 0001-01-01.

CREATE TABLE audit_log (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    who         TEXT NOT NULL,
    institution TEXT,
    action      TEXT NOT NULL,
    subject     TEXT,
    request_id  TEXT,
    outcome     TEXT NOT NULL,
    details     TEXT
);

CREATE INDEX audit_log_subject ON audit_log (subject, number) WHERE subject IS NOT NULL;
CREATE INDEX audit_log_who ON audit_log (who, number);

CREATE TABLE access_token (
    token_id     TEXT NOT NULL PRIMARY KEY,
    secret_hash  BLOB NOT NULL,
    user_name    TEXT NOT NULL,
    institution  TEXT,
    projects     TEXT NOT NULL,
    role         TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    revoked_at   INTEGER,
    last_used_at INTEGER
);

CREATE TABLE idempotency_key (
    principal     TEXT NOT NULL,
    request_key   TEXT NOT NULL,
    request_hash  BLOB NOT NULL,
    created_at    INTEGER NOT NULL,
    claimed_until INTEGER NOT NULL,
    status        INTEGER,
    content_type  TEXT,
    location      TEXT,
    body          BLOB,
    PRIMARY KEY (principal, request_key)
);

CREATE INDEX idempotency_key_created ON idempotency_key (created_at);
