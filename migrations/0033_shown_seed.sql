-- room: domain/authn
-- What an authenticator app was shown during enrolment, so that a configuration that changes before
-- the first code does not part the two. Who is at it is shown another.

ALTER TABLE enrolment ADD COLUMN seed_algorithm {text}
    CHECK (seed_algorithm IN ('SHA1', 'SHA256', 'SHA512'));
UPDATE enrolment SET sealed_seed = NULL;
