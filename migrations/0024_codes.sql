-- room: domain/authn
-- Recovery codes that give back access, new ones that a second person approves, and counters that
-- names nobody has share.

-- Of a shared counter: whose failures in a row they are, as a keyed hash.
ALTER TABLE throttle ADD COLUMN last_name {text} NOT NULL DEFAULT '';

-- Names that nobody has had counters of their own; what is left of them says nothing any more.
DELETE FROM throttle WHERE subject LIKE 'name:%' OR subject LIKE 'sign_in:name:%';

-- One person's tickets for people who have enrolled are neither issued nor taken any more.
UPDATE enrolment_ticket SET revoked_at = issued_at
WHERE kind = 'reset' AND used_at IS NULL AND revoked_at IS NULL;

-- A sign-in with a recovery code that may do nothing but bind a new key. The code is used up then.
CREATE TABLE key_rebinding (
    token_digest {blob} PRIMARY KEY,
    account_id {text} NOT NULL UNIQUE REFERENCES account (id),
    passphrase_id {text} NOT NULL REFERENCES authenticator (id),
    code_mac {blob} NOT NULL,
    ends_at {int} NOT NULL
) {strict};

CREATE INDEX key_rebinding_by_end ON key_rebinding (ends_at);

-- Somebody's request for new recovery codes, of each account the latest.
CREATE TABLE extra_codes (
    account_id {text} PRIMARY KEY REFERENCES account (id),
    reason {text} NOT NULL,
    asked_at {int} NOT NULL,
    ends_at {int} NOT NULL,
    state {text} NOT NULL CHECK (state IN ('open', 'approved', 'refused', 'collected')),
    decided_by {text} REFERENCES account (id),
    decided_at {int},
    CHECK ((state = 'open') = (decided_by IS NULL)),
    CHECK (decided_by IS NULL OR decided_by <> account_id OR state = 'refused')
) {strict};

CREATE INDEX extra_codes_waiting ON extra_codes (asked_at) WHERE state = 'open';
