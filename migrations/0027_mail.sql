-- room: domain/authn
-- Where persons are written to, and what is on its way to them. A mail's row is written in the
-- transaction of what it tells of and goes once a mail server has taken it, so nothing of it stays.
-- A recovery code is sealed on its way and kept as a MAC.

-- The row stays when an address is taken away: one that replaces another rests before codes go
-- there.
CREATE TABLE mail_address (
    person_id {text} PRIMARY KEY REFERENCES person (id),
    address {text},
    usable_for_codes_from {int} NOT NULL
) {strict};

CREATE TABLE mail_outbox (
    id {text} PRIMARY KEY,
    recipient {text} NOT NULL,
    kind {text} NOT NULL,
    subject {text} NOT NULL,
    sealed_code {blob},
    written_at {int} NOT NULL,
    ends_at {int} NOT NULL,
    next_try_at {int} NOT NULL,
    tries {int} NOT NULL,
    CHECK ((kind = 'recovery_code') = (sealed_code IS NOT NULL))
) {strict};

CREATE INDEX mail_outbox_due ON mail_outbox (next_try_at);

-- Names that nobody recovers by mail have rows too: no account.
CREATE TABLE mail_recovery (
    code_mac {blob} PRIMARY KEY,
    account_id {text} REFERENCES account (id),
    ends_at {int} NOT NULL,
    used_at {int}
) {strict};

CREATE INDEX mail_recovery_by_end ON mail_recovery (ends_at);
CREATE INDEX mail_recovery_by_account ON mail_recovery (account_id);

-- Whether a mailed code stood in the passphrase's place as the first factor.
ALTER TABLE sign_in ADD COLUMN by_mail {int} NOT NULL DEFAULT 0 CHECK (by_mail IN (0, 1));

-- A sign-in with the one factor that the account has, once the policy asks everybody for two: it may
-- do nothing but bind the second.
CREATE TABLE second_factor_due (
    token_digest {blob} PRIMARY KEY,
    account_id {text} NOT NULL REFERENCES account (id),
    ends_at {int} NOT NULL
) {strict};

CREATE INDEX second_factor_due_by_end ON second_factor_due (ends_at);

-- Which warning of that an account was given last, for which date.
CREATE TABLE second_factor_warning (
    account_id {text} PRIMARY KEY REFERENCES account (id),
    due_at {int} NOT NULL,
    days {int} NOT NULL
) {strict};
