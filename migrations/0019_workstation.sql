-- room: domain/directory
-- Workstations of clinical areas that administrators registered. A browser of one holds a token of 256
-- random bits; its SHA-256 is here. What idleness ended there, one factor may open again (S1-33).

CREATE TABLE workstation (
    id {text} PRIMARY KEY,
    name {text} NOT NULL UNIQUE,
    zone {text} NOT NULL,
    token_digest {blob} NOT NULL UNIQUE,
    registered_by {text} NOT NULL REFERENCES account (id),
    registered_at {int} NOT NULL,
    removed_at {int}
) {strict};

-- The sessions that were opened at one, and when all factors were last shown for each.
CREATE TABLE session_workstation (
    session_id {text} PRIMARY KEY REFERENCES session (id),
    workstation_id {text} NOT NULL REFERENCES workstation (id),
    full_proof_at {int} NOT NULL,
    unlocked_at {int}
) {strict};
