-- room: domain/authn
-- What FIDO's metadata says about models of authenticators (S1-21): the last list that was imported.

CREATE TABLE authenticator_metadata (
    id {int} PRIMARY KEY CHECK (id = 1),
    number {int} NOT NULL CHECK (number >= 0),
    next_update {int} NOT NULL,
    imported_at {int} NOT NULL
) {strict};

CREATE TABLE authenticator_model (
    aaguid {text} PRIMARY KEY,
    description {text} NOT NULL,
    compromised {text} NOT NULL
) {strict};

CREATE TABLE authenticator_model_root (
    aaguid {text} NOT NULL REFERENCES authenticator_model (aaguid),
    position {int} NOT NULL,
    certificate {blob} NOT NULL,
    PRIMARY KEY (aaguid, position)
) {strict};

-- Whether the maker vouched for the model when the key was added, under a root that was trusted then.
ALTER TABLE webauthn_credential ADD COLUMN model_attested {int} NOT NULL DEFAULT 0
    CHECK (model_attested IN (0, 1));
