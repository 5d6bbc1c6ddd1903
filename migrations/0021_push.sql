-- room: domain/authn
-- Phones that answer sign-in questions, and the questions. A public key is no secret; what reaches a
-- phone is sealed, and what its browser shows is kept as a digest.

CREATE TABLE push_phone (
    authenticator_id {text} PRIMARY KEY REFERENCES authenticator (id),
    public_key {blob} NOT NULL UNIQUE,
    token_digest {blob} NOT NULL UNIQUE,
    sealed_subscription {blob},
    key_version {int} NOT NULL
) {strict};

-- One for each flow that asked, kept for as long as prompts are counted. Without an account nobody is
-- asked: the name is unknown, the passphrase was wrong, or there is no phone to ask. The number is no
-- secret to whoever reads this: without the phone's key it is worth nothing.
CREATE TABLE push_attempt (
    id {text} PRIMARY KEY,
    flow_digest {blob} NOT NULL UNIQUE,
    account_id {text} REFERENCES account (id),
    number {int} NOT NULL CHECK (number BETWEEN 10 AND 99),
    state {text} NOT NULL CHECK (state IN ('pending', 'approved', 'used', 'wrong', 'denied',
        'reported', 'unanswered')),
    application {text} NOT NULL,
    place {text} NOT NULL,
    asked_at {int} NOT NULL,
    ends_at {int} NOT NULL,
    answered_by {text} REFERENCES authenticator (id),
    CHECK (account_id IS NOT NULL OR state = 'pending')
) {strict};

CREATE INDEX push_attempt_by_account ON push_attempt (account_id, asked_at);
CREATE INDEX push_attempt_by_time ON push_attempt (asked_at);
-- A phone shows one question at a time.
CREATE UNIQUE INDEX push_attempt_one_pending ON push_attempt (account_id)
    WHERE state = 'pending' AND account_id IS NOT NULL;
