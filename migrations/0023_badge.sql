-- room: domain/authn
-- Badges, the readers that tell of them, and what was put on a reader. A card's number is no secret, but
-- it is personal: it is here as a MAC only, and a PIN as a keyed verifier.

CREATE TABLE badge (
    authenticator_id {text} PRIMARY KEY REFERENCES authenticator (id),
    uid_mac {blob} NOT NULL,
    pin_verifier {text} NOT NULL,
    wrong_pins {int} NOT NULL CHECK (wrong_pins BETWEEN 0 AND 10)
) {strict};

-- Not unique: a card may come back once its badge was revoked.
CREATE INDEX badge_by_uid ON badge (uid_mac);

-- One for each workstation.
CREATE TABLE badge_reader (
    workstation_id {text} PRIMARY KEY REFERENCES workstation (id),
    mode {text} NOT NULL CHECK (mode IN ('tap', 'stay')),
    token_digest {blob} NOT NULL UNIQUE,
    registered_at {int} NOT NULL
) {strict};

-- The latest for each workstation.
CREATE TABLE badge_reader_ticket (
    workstation_id {text} PRIMARY KEY REFERENCES workstation (id),
    mode {text} NOT NULL CHECK (mode IN ('tap', 'stay')),
    code_digest {blob} NOT NULL UNIQUE,
    ends_at {int} NOT NULL
) {strict};

-- At most one of a workstation is not spent: used, followed by another, or taken away.
CREATE TABLE badge_tap (
    id {text} PRIMARY KEY,
    workstation_id {text} NOT NULL REFERENCES workstation (id),
    uid_mac {blob} NOT NULL,
    authenticator_id {text} REFERENCES authenticator (id),
    tapped_at {int} NOT NULL,
    ends_at {int} NOT NULL,
    spent_at {int}
) {strict};

CREATE INDEX badge_tap_by_workstation ON badge_tap (workstation_id, tapped_at);
CREATE UNIQUE INDEX badge_tap_one_unspent ON badge_tap (workstation_id) WHERE spent_at IS NULL;
