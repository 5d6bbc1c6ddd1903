-- room: domain/vault
-- Device credentials, sealed under a key that is not in this database, and who ever stored one.

CREATE TABLE vault_item (
    id {text} PRIMARY KEY,
    device_id {text} NOT NULL UNIQUE REFERENCES device (id),
    kind {text} NOT NULL CHECK (kind IN ('http_basic')),
    user_name {text} NOT NULL,
    version {int} NOT NULL CHECK (version >= 1),
    key_version {int} NOT NULL,
    sealed {blob} NOT NULL,
    unmaskable {int} NOT NULL CHECK (unmaskable IN (0, 1)),
    stored_by {text} NOT NULL REFERENCES account (id),
    stored_at {int} NOT NULL
) {strict};

-- Kept for ever: a secret that somebody typed once, they may remember.
CREATE TABLE vault_keeper (
    device_id {text} NOT NULL REFERENCES device (id),
    version {int} NOT NULL,
    account_id {text} NOT NULL REFERENCES account (id),
    stored_at {int} NOT NULL,
    PRIMARY KEY (device_id, version)
) {strict};
