-- room: domain/authn
-- Smart cards and workstations' certificates, and the way to the card host and back. Nothing here is a
-- secret: certificates are public, codes and tokens are kept as digests.

CREATE TABLE certificate_credential (
    authenticator_id {text} PRIMARY KEY REFERENCES authenticator (id),
    fingerprint {blob} NOT NULL UNIQUE,
    key_digest {blob} NOT NULL UNIQUE,
    issuer_key {blob} NOT NULL,
    serial {blob} NOT NULL,
    subject {text} NOT NULL,
    key_in_hardware {int} NOT NULL CHECK (key_in_hardware IN (0, 1)),
    pin_asked {int} NOT NULL CHECK (pin_asked IN (0, 1)),
    -- One certificate is one person's, for ever: a row stays when its authenticator is revoked.
    UNIQUE (issuer_key, serial)
) {strict};

CREATE TABLE workstation_certificate (
    workstation_id {text} PRIMARY KEY REFERENCES workstation (id),
    fingerprint {blob} NOT NULL UNIQUE,
    key_digest {blob} NOT NULL UNIQUE,
    subject {text} NOT NULL
) {strict};

-- One way to the card host and back. The code that is under way: to the card host while it is asked,
-- from it once the card was shown or refused; none in between, so that each is good once.
CREATE TABLE card_presentation (
    token_digest {blob} PRIMARY KEY,
    purpose {text} NOT NULL CHECK (purpose IN ('sign_in', 'second_factor', 'step_up', 'enrolment',
        'workstation', 'recognition')),
    holder {blob} NOT NULL,
    next {text} NOT NULL,
    label {text} NOT NULL,
    zone {text} NOT NULL,
    stage {text} NOT NULL CHECK (stage IN ('asked', 'looking', 'shown', 'refused', 'over')),
    code_digest {blob} UNIQUE,
    code_ends_at {int} NOT NULL,
    fingerprint {blob},
    key_digest {blob},
    issuer_key {blob},
    serial {blob},
    subject {text},
    valid_until {int},
    key_in_hardware {int},
    pin_asked {int},
    ends_at {int} NOT NULL,
    CHECK (stage <> 'shown' OR fingerprint IS NOT NULL)
) {strict};

CREATE INDEX card_presentation_by_end ON card_presentation (ends_at);
