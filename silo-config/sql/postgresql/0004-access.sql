-- Who may do what, who did what, and what was answered. Times are UTC ticks of 100 ns since 0001-01-01.

CREATE TABLE audit_log (
    number      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          BIGINT NOT NULL,
    who         TEXT COLLATE "C" NOT NULL,
    institution TEXT COLLATE "C",
    action      TEXT COLLATE "C" NOT NULL,
    subject     TEXT COLLATE "C",
    request_id  TEXT COLLATE "C",
    outcome     TEXT COLLATE "C" NOT NULL,
    details     TEXT COLLATE "C"
);

CREATE INDEX audit_log_subject ON audit_log (subject, number) WHERE subject IS NOT NULL;
CREATE INDEX audit_log_who ON audit_log (who, number);

CREATE TABLE access_token (
    token_id     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    secret_hash  BYTEA NOT NULL,
    user_name    TEXT COLLATE "C" NOT NULL,
    institution  TEXT COLLATE "C",
    projects     TEXT COLLATE "C" NOT NULL,
    role         TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    revoked_at   BIGINT,
    last_used_at BIGINT
);

CREATE TABLE idempotency_key (
    principal     TEXT COLLATE "C" NOT NULL,
    request_key   TEXT COLLATE "C" NOT NULL,
    request_hash  BYTEA NOT NULL,
    created_at    BIGINT NOT NULL,
    claimed_until BIGINT NOT NULL,
    status        BIGINT,
    content_type  TEXT COLLATE "C",
    location      TEXT COLLATE "C",
    body          BYTEA,
    PRIMARY KEY (principal, request_key)
);

CREATE INDEX idempotency_key_created ON idempotency_key (created_at);
