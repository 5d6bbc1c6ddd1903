-- room: domain/authn
-- The passphrase that led to a second factor that is due: a way that outlives it is over.

ALTER TABLE second_factor_due ADD COLUMN passphrase_id {text} NOT NULL DEFAULT '';

-- What an administrator suspended was suspended by its holder, or by a guard, before: lifting the former
-- leaves the latter.
ALTER TABLE authenticator ADD COLUMN suspended_before {int} NOT NULL DEFAULT 0;
