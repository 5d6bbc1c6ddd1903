-- room: domain/authn
-- Authenticators, and what is on its way to become one. No row holds anything that can be used: a
-- passphrase is a keyed verifier, a seed is sealed under a key outside the database, codes and
-- tokens are MACs and digests (S0-47).

CREATE TABLE authenticator (
    id {text} PRIMARY KEY,
    account_id {text} NOT NULL REFERENCES account (id),
    kind {text} NOT NULL CHECK (kind IN ('passphrase', 'totp', 'recovery_codes')),
    state {text} NOT NULL CHECK (state IN ('issued', 'bound', 'active', 'suspended', 'revoked')),
    bound_by {text} REFERENCES account (id),
    source {text} NOT NULL CHECK (source IN ('bootstrap', 'enrolment', 'reset', 'self')),
    bound_at {int} NOT NULL,
    last_used_at {int},
    revoked_at {int},
    revoke_cause {text},
    CHECK ((state = 'revoked') = (revoked_at IS NOT NULL))
) {strict};

CREATE INDEX authenticator_by_account ON authenticator (account_id);

CREATE TABLE passphrase_verifier (
    authenticator_id {text} PRIMARY KEY REFERENCES authenticator (id),
    verifier {text} NOT NULL
) {strict};

-- `last_step` only grows: a code is good once, and so is everything before it (L-09).
CREATE TABLE totp_seed (
    authenticator_id {text} PRIMARY KEY REFERENCES authenticator (id),
    sealed {blob} NOT NULL,
    key_version {int} NOT NULL,
    algorithm {text} NOT NULL CHECK (algorithm IN ('SHA1', 'SHA256', 'SHA512')),
    last_step {int} NOT NULL
) {strict};

CREATE TABLE recovery_code (
    mac {blob} PRIMARY KEY,
    authenticator_id {text} NOT NULL REFERENCES authenticator (id),
    used_at {int}
) {strict};

CREATE INDEX recovery_code_by_authenticator ON recovery_code (authenticator_id);

CREATE TABLE throttle (
    kind {text} NOT NULL CHECK (kind IN ('passphrase', 'totp', 'ticket')),
    subject {text} NOT NULL,
    failures {int} NOT NULL CHECK (failures >= 0),
    in_a_row {int} NOT NULL CHECK (in_a_row >= 0),
    counted_at {int} NOT NULL,
    blocked_until {int} NOT NULL,
    PRIMARY KEY (kind, subject)
) {strict};

CREATE INDEX throttle_by_age ON throttle (counted_at);

-- A sign-in between its first form and its last. Unknown people have rows too: no account.
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

CREATE TABLE enrolment_ticket (
    id {text} PRIMARY KEY,
    account_id {text} NOT NULL REFERENCES account (id),
    kind {text} NOT NULL CHECK (kind IN ('first', 'reset')),
    code_mac {blob} NOT NULL UNIQUE,
    issued_by {text} NOT NULL REFERENCES account (id),
    issued_at {int} NOT NULL,
    ends_at {int} NOT NULL,
    used_at {int},
    revoked_at {int},
    CHECK (issued_by <> account_id),
    CHECK (used_at IS NULL OR revoked_at IS NULL)
) {strict};

CREATE INDEX enrolment_ticket_by_account ON enrolment_ticket (account_id);

CREATE TABLE bootstrap_code (
    code_mac {blob} PRIMARY KEY,
    ends_at {int} NOT NULL,
    used_at {int}
) {strict};

-- An enrolment between its code and its end. During bootstrap there is no account yet: the name
-- waits here.
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
