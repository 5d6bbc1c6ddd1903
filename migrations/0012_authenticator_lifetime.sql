-- room: domain/authn
-- Authenticators with what a record of their whole life needs (SP 800-63B-4 §4.1, S1-28): a name that
-- their holder gives, a serial, an expiry, when they were suspended; and the kinds that are to come.
-- SQLite can't change a CHECK, so the table and those that refer to it are made anew and filled from
-- the old ones. Sign-ins under way begin again.

CREATE TABLE authenticator_anew (
    id {text} PRIMARY KEY,
    account_id {text} NOT NULL REFERENCES account (id),
    kind {text} NOT NULL CHECK (kind IN ('passphrase', 'totp', 'webauthn', 'push', 'certificate',
        'badge', 'recovery_codes', 'offline_codes')),
    state {text} NOT NULL
        CHECK (state IN ('issued', 'bound', 'active', 'suspended', 'expired', 'revoked')),
    label {text} NOT NULL,
    serial {text} NOT NULL,
    bound_by {text} REFERENCES account (id),
    source {text} NOT NULL CHECK (source IN ('bootstrap', 'enrolment', 'reset', 'self')),
    bound_at {int} NOT NULL,
    last_used_at {int},
    expires_at {int},
    expiry_warned_days {int},
    suspended_at {int},
    revoked_at {int},
    revoke_cause {text},
    CHECK ((state = 'revoked') = (revoked_at IS NOT NULL)),
    CHECK (state <> 'suspended' OR suspended_at IS NOT NULL),
    -- A passphrase does not grow old (S0-85).
    CHECK (kind <> 'passphrase' OR expires_at IS NULL)
) {strict};

INSERT INTO authenticator_anew (id, account_id, kind, state, label, serial, bound_by, source,
    bound_at, last_used_at, suspended_at, revoked_at, revoke_cause)
SELECT id, account_id, kind, state,
    CASE kind WHEN 'passphrase' THEN 'Passphrase' WHEN 'totp' THEN 'Authenticator app'
        ELSE 'Recovery codes' END,
    '', bound_by, source, bound_at, last_used_at,
    CASE state WHEN 'suspended' THEN bound_at END, revoked_at, revoke_cause
FROM authenticator;

CREATE TABLE passphrase_verifier_anew (
    authenticator_id {text} PRIMARY KEY REFERENCES authenticator_anew (id),
    verifier {text} NOT NULL
) {strict};

INSERT INTO passphrase_verifier_anew (authenticator_id, verifier)
SELECT authenticator_id, verifier FROM passphrase_verifier;

CREATE TABLE totp_seed_anew (
    authenticator_id {text} PRIMARY KEY REFERENCES authenticator_anew (id),
    sealed {blob} NOT NULL,
    key_version {int} NOT NULL,
    algorithm {text} NOT NULL CHECK (algorithm IN ('SHA1', 'SHA256', 'SHA512')),
    last_step {int} NOT NULL
) {strict};

INSERT INTO totp_seed_anew (authenticator_id, sealed, key_version, algorithm, last_step)
SELECT authenticator_id, sealed, key_version, algorithm, last_step FROM totp_seed;

CREATE TABLE recovery_code_anew (
    mac {blob} PRIMARY KEY,
    authenticator_id {text} NOT NULL REFERENCES authenticator_anew (id),
    used_at {int}
) {strict};

INSERT INTO recovery_code_anew (mac, authenticator_id, used_at)
SELECT mac, authenticator_id, used_at FROM recovery_code;

DROP TABLE sign_in;
DROP TABLE recovery_code;
DROP TABLE totp_seed;
DROP TABLE passphrase_verifier;
DROP TABLE authenticator;

ALTER TABLE authenticator_anew RENAME TO authenticator;
ALTER TABLE passphrase_verifier_anew RENAME TO passphrase_verifier;
ALTER TABLE totp_seed_anew RENAME TO totp_seed;
ALTER TABLE recovery_code_anew RENAME TO recovery_code;

CREATE INDEX authenticator_by_account ON authenticator (account_id);
CREATE INDEX authenticator_by_expiry ON authenticator (expires_at)
    WHERE expires_at IS NOT NULL AND state = 'active';
CREATE INDEX recovery_code_by_authenticator ON recovery_code (authenticator_id);

CREATE TABLE sign_in (
    token_digest {blob} PRIMARY KEY,
    stage {text} NOT NULL CHECK (stage IN ('passphrase', 'code', 'over')),
    subject {text} NOT NULL,
    account_id {text} REFERENCES account (id),
    passphrase_id {text} REFERENCES authenticator (id),
    first_factor_right {int} NOT NULL CHECK (first_factor_right IN (0, 1)),
    ends_at {int} NOT NULL
) {strict};

CREATE INDEX sign_in_by_end ON sign_in (ends_at);

-- How it was made sure who a person is, before anything was bound to them (S1-26). The latest counts;
-- none is ever changed.
CREATE TABLE identity_proofing (
    id {text} PRIMARY KEY,
    person_id {text} NOT NULL REFERENCES person (id),
    method {text} NOT NULL
        CHECK (method IN ('in_person', 'remote_supervised', 'employment_record', 'console')),
    evidence {text} NOT NULL,
    verifier {text} NOT NULL,
    recorded_by {text} REFERENCES account (id),
    proofed_on {int} NOT NULL,
    recorded_at {int} NOT NULL,
    CHECK ((method = 'console') = (recorded_by IS NULL))
) {strict};

CREATE INDEX identity_proofing_by_person ON identity_proofing (person_id, recorded_at);

-- What a person is told about their own account, until they have seen it.
CREATE TABLE person_notice (
    id {text} PRIMARY KEY,
    account_id {text} NOT NULL REFERENCES account (id),
    kind {text} NOT NULL,
    subject {text} NOT NULL,
    written_at {int} NOT NULL,
    read_at {int}
) {strict};

CREATE INDEX person_notice_unread ON person_notice (account_id) WHERE read_at IS NULL;
