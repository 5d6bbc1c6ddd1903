-- room: domain/directory
-- Persons, accounts and devices. An account has one role and one person; there is no other place
-- to hang a permission on (S0-07). Rows of accounts are never deleted, and what names an account
-- never changes, so that ids and login names are never used for somebody else (S1-04).

CREATE TABLE person (
    id {text} PRIMARY KEY,
    display_name {text} NOT NULL,
    created_at {int} NOT NULL
) {strict};

CREATE TABLE account (
    id {text} PRIMARY KEY,
    person_id {text} NOT NULL REFERENCES person (id),
    login_name {text} NOT NULL UNIQUE,
    role {text} NOT NULL,
    scope {text} NOT NULL CHECK (scope IN ('clinical', 'gateway', 'both')),
    state {text} NOT NULL
        CHECK (state IN ('pending', 'active', 'locked', 'suspended', 'disabled', 'tombstoned')),
    created_by {text} REFERENCES account (id),
    created_at {int} NOT NULL,
    role_changed_at {int} NOT NULL,
    was_active {int} NOT NULL DEFAULT 0 CHECK (was_active IN (0, 1))
) {strict};

CREATE INDEX account_by_person ON account (person_id);
CREATE INDEX account_by_role ON account (role);

CREATE TABLE device (
    id {text} PRIMARY KEY,
    name {text} NOT NULL UNIQUE,
    serial {text} NOT NULL UNIQUE,
    address {text} NOT NULL,
    port {int} NOT NULL CHECK (port BETWEEN 1 AND 65535),
    archetype {text} NOT NULL,
    profile {text} NOT NULL,
    state {text} NOT NULL CHECK (state IN ('registered', 'in_service', 'retired')),
    registered_by {text} REFERENCES account (id),
    created_at {int} NOT NULL
) {strict};

--- sqlite
CREATE TRIGGER account_is_kept BEFORE DELETE ON account
BEGIN SELECT RAISE(ABORT, 'accounts are tombstoned, never deleted'); END;

CREATE TRIGGER account_is_named_for_ever BEFORE UPDATE OF id, person_id, login_name, created_by, created_at ON account
BEGIN SELECT RAISE(ABORT, 'what names an account never changes'); END;

CREATE TRIGGER device_is_kept BEFORE DELETE ON device
BEGIN SELECT RAISE(ABORT, 'devices are retired, never deleted'); END;

--- postgres
CREATE FUNCTION account_is_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'accounts are tombstoned, never deleted'; END $$;

CREATE TRIGGER account_is_kept BEFORE DELETE ON account
    FOR EACH ROW EXECUTE FUNCTION account_is_kept();

CREATE FUNCTION account_is_named_for_ever() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'what names an account never changes'; END $$;

CREATE TRIGGER account_is_named_for_ever
    BEFORE UPDATE OF id, person_id, login_name, created_by, created_at ON account
    FOR EACH ROW EXECUTE FUNCTION account_is_named_for_ever();

CREATE FUNCTION device_is_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'devices are retired, never deleted'; END $$;

CREATE TRIGGER device_is_kept BEFORE DELETE ON device
    FOR EACH ROW EXECUTE FUNCTION device_is_kept();

--- both
