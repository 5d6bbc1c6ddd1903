-- room: domain/governance
-- Recovery with two people, what people report about their own account, and passphrases that are
-- known to be compromised. Tickets of recovery ask for a second code, or wait; those that the host
-- itself made have no issuer. SQLite can't change a column, so the table is made anew; enrolments
-- under way begin again.

DROP TABLE enrolment;

CREATE TABLE enrolment_ticket_anew (
    id {text} PRIMARY KEY,
    account_id {text} NOT NULL REFERENCES account (id),
    kind {text} NOT NULL CHECK (kind IN ('first', 'reset', 'recovery')),
    code_mac {blob} NOT NULL UNIQUE,
    -- Of the code that somebody else handed over: both are needed.
    agent_mac {blob},
    issued_by {text} REFERENCES account (id),
    issued_at {int} NOT NULL,
    starts_at {int} NOT NULL,
    ends_at {int} NOT NULL,
    used_at {int},
    revoked_at {int},
    CHECK (issued_by <> account_id),
    CHECK (issued_by IS NOT NULL OR kind = 'recovery'),
    CHECK (kind <> 'recovery' OR ends_at - starts_at <= 900000000),
    CHECK (used_at IS NULL OR revoked_at IS NULL)
) {strict};

INSERT INTO enrolment_ticket_anew (id, account_id, kind, code_mac, issued_by, issued_at, starts_at,
    ends_at, used_at, revoked_at)
SELECT id, account_id, kind, code_mac, issued_by, issued_at, issued_at, ends_at, used_at, revoked_at
FROM enrolment_ticket;

DROP TABLE enrolment_ticket;

ALTER TABLE enrolment_ticket_anew RENAME TO enrolment_ticket;

CREATE INDEX enrolment_ticket_by_account ON enrolment_ticket (account_id);

CREATE TABLE enrolment (
    token_digest {blob} PRIMARY KEY,
    kind {text} NOT NULL CHECK (kind IN ('bootstrap', 'first', 'reset')),
    account_id {text} REFERENCES account (id),
    ticket_id {text} REFERENCES enrolment_ticket (id),
    login_name {text} NOT NULL,
    display_name {text} NOT NULL,
    role {text} NOT NULL,
    verifier {text},
    authenticator_id {text} NOT NULL,
    sealed_seed {blob},
    ends_at {int} NOT NULL,
    CHECK ((kind = 'bootstrap') = (account_id IS NULL)),
    CHECK ((account_id IS NULL) = (ticket_id IS NULL))
) {strict};

CREATE INDEX enrolment_by_end ON enrolment (ends_at);

-- One account's recovery: asked for by one person (or by the host), decided by another (S1-29).
CREATE TABLE recovery_case (
    id {text} PRIMARY KEY,
    account_id {text} NOT NULL REFERENCES account (id),
    origin {text} NOT NULL CHECK (origin IN ('help_desk', 'host')),
    checks {text} NOT NULL,
    note {text} NOT NULL,
    opened_by {text} REFERENCES account (id),
    opened_at {int} NOT NULL,
    ends_at {int} NOT NULL,
    agent_mac {blob},
    state {text} NOT NULL CHECK (state IN ('open', 'approved', 'refused', 'completed', 'lapsed')),
    decided_by {text} REFERENCES account (id),
    decided_at {int},
    decision_reason {text} NOT NULL,
    ticket_id {text} REFERENCES enrolment_ticket (id),
    CHECK ((origin = 'host') = (opened_by IS NULL)),
    CHECK ((origin = 'host') = (agent_mac IS NULL)),
    CHECK (state IN ('open', 'refused', 'lapsed') OR ticket_id IS NOT NULL),
    CHECK (state <> 'approved' OR (decided_by IS NOT NULL AND decided_by <> account_id
        AND (opened_by IS NULL OR decided_by <> opened_by)))
) {strict};

CREATE UNIQUE INDEX recovery_case_open ON recovery_case (account_id)
    WHERE state IN ('open', 'approved');
CREATE INDEX recovery_case_by_time ON recovery_case (opened_at, id);

-- "This wasn't me": reported by the person, with the events that they could mean.
CREATE TABLE incident (
    id {text} PRIMARY KEY,
    account_id {text} NOT NULL REFERENCES account (id),
    said {text} NOT NULL,
    opened_at {int} NOT NULL,
    sessions_ended {int} NOT NULL,
    closed_by {text} REFERENCES account (id),
    closed_at {int},
    close_reason {text} NOT NULL,
    CHECK ((closed_by IS NULL) = (closed_at IS NULL))
) {strict};

CREATE INDEX incident_by_time ON incident (opened_at, id);
CREATE INDEX incident_by_account ON incident (account_id, opened_at);

CREATE TABLE incident_event (
    incident_id {text} NOT NULL REFERENCES incident (id),
    event_id {text} NOT NULL,
    PRIMARY KEY (incident_id, event_id)
) {strict};

-- Known or said to be in somebody else's hands: a new one has to be set before anything else (S0-85).
-- Authenticators are never deleted, so the id is enough.
CREATE TABLE compromised_passphrase (
    authenticator_id {text} PRIMARY KEY,
    signal {text} NOT NULL,
    noted_at {int} NOT NULL
) {strict};

-- A sign-in that was right and may do nothing but set a new passphrase.
CREATE TABLE passphrase_change (
    token_digest {blob} PRIMARY KEY,
    account_id {text} NOT NULL REFERENCES account (id),
    authenticator_id {text} NOT NULL,
    ends_at {int} NOT NULL
) {strict};

CREATE INDEX passphrase_change_by_end ON passphrase_change (ends_at);
