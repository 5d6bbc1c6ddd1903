-- room: domain/authn
-- Security keys and passkeys (WebAuthn). A public key is no secret; the user handle says nothing about
-- the person.

CREATE TABLE webauthn_user (
    account_id {text} PRIMARY KEY REFERENCES account (id),
    handle {blob} NOT NULL UNIQUE
) {strict};

-- Of the first administrator, whose account is made when the enrolment is finished.
ALTER TABLE enrolment ADD COLUMN user_handle {blob};

CREATE TABLE webauthn_credential (
    authenticator_id {text} PRIMARY KEY REFERENCES authenticator (id),
    credential_id {blob} NOT NULL UNIQUE,
    public_key {blob} NOT NULL,
    sign_count {int} NOT NULL CHECK (sign_count >= 0),
    user_verified {int} NOT NULL CHECK (user_verified IN (0, 1)),
    backup_eligible {int} NOT NULL CHECK (backup_eligible IN (0, 1)),
    backup_state {int} NOT NULL CHECK (backup_state IN (0, 1)),
    attestation_format {text} NOT NULL,
    attestation_type {text} NOT NULL,
    transports {text} NOT NULL,
    CHECK (backup_eligible = 1 OR backup_state = 0)
) {strict};

-- A challenge that was answered, right or wrong, until its time would be over anyway.
CREATE TABLE webauthn_challenge_spent (
    digest {blob} PRIMARY KEY,
    ends_at {int} NOT NULL
) {strict};

CREATE INDEX webauthn_challenge_spent_by_end ON webauthn_challenge_spent (ends_at);

-- Attempts are counted for every kind of factor.
CREATE TABLE throttle_anew (
    kind {text} NOT NULL CHECK (kind IN ('passphrase', 'totp', 'ticket', 'webauthn', 'push',
        'certificate', 'badge')),
    subject {text} NOT NULL,
    failures {int} NOT NULL CHECK (failures >= 0),
    in_a_row {int} NOT NULL CHECK (in_a_row >= 0),
    counted_at {int} NOT NULL,
    blocked_until {int} NOT NULL,
    PRIMARY KEY (kind, subject)
) {strict};

INSERT INTO throttle_anew (kind, subject, failures, in_a_row, counted_at, blocked_until)
SELECT kind, subject, failures, in_a_row, counted_at, blocked_until FROM throttle;

DROP TABLE throttle;
ALTER TABLE throttle_anew RENAME TO throttle;

CREATE INDEX throttle_by_age ON throttle (counted_at);
