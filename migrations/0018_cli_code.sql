-- room: domain/session
-- The command line signs in through a browser (RFC 8252): the code that the browser carries to it, and
-- the session that comes of it, which is the child of the browser's. Codes are 256 random bits, stored
-- as SHA-256 digests; a challenge is the digest of what only the command line holds (RFC 7636).

ALTER TABLE session ADD COLUMN browser_id {text} REFERENCES session (id)
    CHECK (browser_id IS NULL OR (channel = 'cli' AND browser_id <> id));

CREATE INDEX session_open_by_browser ON session (browser_id) WHERE ended_at IS NULL;

CREATE TABLE cli_code (
    code_digest {blob} PRIMARY KEY,
    session_id {text} NOT NULL REFERENCES session (id),
    challenge {blob} NOT NULL,
    ends_at {int} NOT NULL,
    used_at {int},
    -- What its first use opened, if it opened anything.
    opened_id {text} REFERENCES session (id),
    CHECK (opened_id IS NULL OR used_at IS NOT NULL)
) {strict};

CREATE INDEX cli_code_by_end ON cli_code (ends_at);
