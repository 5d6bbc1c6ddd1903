-- room: domain/authn
-- Who suspended an authenticator, where it was an administrator: its holder alone does not lift that.

ALTER TABLE authenticator ADD COLUMN suspended_by {text} REFERENCES account (id);
