-- room: domain/session
-- Sessions and the codes that hand one to another host. Tokens and codes are 256 random bits, stored
-- as SHA-256 digests.

CREATE TABLE session (
    id {text} PRIMARY KEY,
    token_digest {blob} NOT NULL UNIQUE,
    channel {text} NOT NULL CHECK (channel IN ('web', 'cli', 'host')),
    parent_id {text} REFERENCES session (id),
    host {text} NOT NULL,
    account_id {text} NOT NULL REFERENCES account (id),
    person_id {text} NOT NULL REFERENCES person (id),
    login_name {text} NOT NULL,
    role {text} NOT NULL,
    scope {text} NOT NULL,
    proven {int} NOT NULL CHECK (proven BETWEEN 0 AND 2),
    factor_amr {text} NOT NULL,
    factor_aal {int} NOT NULL,
    factor_authenticator {text} NOT NULL,
    factor_phishing_resistant {int} NOT NULL CHECK (factor_phishing_resistant IN (0, 1)),
    created_at {int} NOT NULL,
    ends_at {int} NOT NULL,
    idle_max {int} NOT NULL CHECK (idle_max > 0),
    last_active_at {int} NOT NULL,
    last_proof_at {int} NOT NULL,
    source {text} NOT NULL,
    csrf_key {text} NOT NULL,
    notice_accepted {text} NOT NULL,
    ended_at {int},
    end_cause {text},
    CHECK (ends_at > created_at),
    CHECK ((channel = 'host') = (parent_id IS NOT NULL)),
    CHECK ((channel = 'host') = (host <> '')),
    CHECK ((ended_at IS NULL) = (end_cause IS NULL))
) {strict};

CREATE INDEX session_open_by_account ON session (account_id) WHERE ended_at IS NULL;
CREATE INDEX session_open_by_parent ON session (parent_id) WHERE ended_at IS NULL;
CREATE INDEX session_open_by_end ON session (ends_at) WHERE ended_at IS NULL;

CREATE TABLE handoff_code (
    code_digest {blob} PRIMARY KEY,
    session_id {text} NOT NULL REFERENCES session (id),
    host {text} NOT NULL,
    nonce_digest {blob} NOT NULL,
    ends_at {int} NOT NULL,
    used_at {int}
) {strict};

CREATE INDEX handoff_code_by_end ON handoff_code (ends_at);

-- A hard cap is hard: nothing moves a session's end, whose it is, or its beginning (S0-31).
--- sqlite
CREATE TRIGGER session_end_is_fixed BEFORE UPDATE OF id, account_id, person_id, created_at, ends_at, idle_max ON session
BEGIN SELECT RAISE(ABORT, 'the limits of a session never move'); END;

CREATE TRIGGER session_stays_ended BEFORE UPDATE OF ended_at ON session WHEN OLD.ended_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an ended session stays ended'); END;

--- postgres
CREATE FUNCTION session_end_is_fixed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the limits of a session never move'; END $$;

CREATE TRIGGER session_end_is_fixed
    BEFORE UPDATE OF id, account_id, person_id, created_at, ends_at, idle_max ON session
    FOR EACH ROW EXECUTE FUNCTION session_end_is_fixed();

CREATE FUNCTION session_stays_ended() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'an ended session stays ended'; END $$;

CREATE TRIGGER session_stays_ended BEFORE UPDATE OF ended_at ON session
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION session_stays_ended();

--- both
