-- room: domain/session
-- What a badge opens again is looked for among the account's sessions that have not run out, and not
-- among all that ever were.

CREATE INDEX session_locked_by_account ON session (account_id, ends_at) WHERE ended_at IS NOT NULL;
