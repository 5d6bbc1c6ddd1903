-- room: domain/audit
-- The audit log: events are inserted once, with leaf_index NULL, and never changed after that,
-- except that the sequencer numbers them. `leaf` holds the exact bytes that the Merkle tree is
-- built over; the other columns are derived from it, for queries, and `audit verify` compares them.

--- sqlite
CREATE TABLE audit_event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    leaf_index INTEGER,
    leaf BLOB NOT NULL,
    at_us INTEGER NOT NULL,
    type TEXT NOT NULL,
    person_id TEXT,
    account_id TEXT,
    role TEXT NOT NULL,
    actor_system TEXT NOT NULL,
    session_id TEXT,
    grant_id TEXT,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    amr TEXT NOT NULL
) STRICT;

--- postgres
CREATE TABLE audit_event (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    leaf_index BIGINT,
    leaf BYTEA NOT NULL,
    at_us BIGINT NOT NULL,
    type TEXT NOT NULL,
    person_id TEXT,
    account_id TEXT,
    role TEXT NOT NULL,
    actor_system TEXT NOT NULL,
    session_id TEXT,
    grant_id TEXT,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    amr TEXT NOT NULL
);

--- both
CREATE UNIQUE INDEX audit_event_by_leaf ON audit_event (leaf_index) WHERE leaf_index IS NOT NULL;
CREATE INDEX audit_event_unnumbered ON audit_event (seq) WHERE leaf_index IS NULL;
CREATE INDEX audit_event_by_time ON audit_event (at_us);
CREATE INDEX audit_event_by_account ON audit_event (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX audit_event_by_session ON audit_event (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX audit_event_by_grant ON audit_event (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX audit_event_by_object ON audit_event (object);

-- Personal texts and the salts of their commitments in the leaf. Rows may be erased by policy.
--- sqlite
CREATE TABLE audit_personal (
    event_id TEXT NOT NULL,
    name TEXT NOT NULL,
    salt BLOB NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (event_id, name)
) STRICT, WITHOUT ROWID;

--- postgres
CREATE TABLE audit_personal (
    event_id TEXT NOT NULL,
    name TEXT NOT NULL,
    salt BYTEA NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (event_id, name)
);

--- both
-- One row: the tree over all numbered events. Whoever numbers holds the newest epoch.
CREATE TABLE audit_log_head (
    id {int} PRIMARY KEY CHECK (id = 1),
    size {int} NOT NULL,
    root {blob} NOT NULL,
    subtrees {blob} NOT NULL,
    epoch {int} NOT NULL
) {strict};

-- One row: the highest wall clock time seen. Times before it are not believed.
CREATE TABLE clock_mark (
    id {int} PRIMARY KEY CHECK (id = 1),
    highest_us {int} NOT NULL
) {strict};

--- sqlite
CREATE TRIGGER audit_event_numbered_once BEFORE UPDATE OF leaf_index ON audit_event
WHEN OLD.leaf_index IS NOT NULL OR NEW.leaf_index IS NULL
BEGIN
    SELECT RAISE(ABORT, 'an audit event is numbered once');
END;

CREATE TRIGGER audit_event_never_changed BEFORE UPDATE OF
    seq, event_id, leaf, at_us, type, person_id, account_id, role, actor_system, session_id,
    grant_id, action, object, outcome, reason, amr
ON audit_event
BEGIN
    SELECT RAISE(ABORT, 'audit events are never changed');
END;

CREATE TRIGGER audit_event_never_deleted BEFORE DELETE ON audit_event
BEGIN
    SELECT RAISE(ABORT, 'audit events are never deleted');
END;

CREATE TRIGGER audit_personal_never_changed BEFORE UPDATE ON audit_personal
BEGIN
    SELECT RAISE(ABORT, 'personal texts are erased, never changed');
END;

--- postgres
CREATE FUNCTION audit_event_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'audit events are never deleted';
    END IF;
    IF OLD.leaf_index IS NOT NULL OR NEW.leaf_index IS NULL THEN
        RAISE EXCEPTION 'an audit event is numbered once';
    END IF;
    OLD.leaf_index := NEW.leaf_index;
    IF OLD IS DISTINCT FROM NEW THEN
        RAISE EXCEPTION 'audit events are never changed';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER audit_event_never_changed BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_event_guard();
CREATE TRIGGER audit_event_never_truncated BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_guard();

REVOKE ALL ON audit_event FROM {server_role};
GRANT SELECT, INSERT, UPDATE (leaf_index) ON audit_event TO {server_role};
REVOKE ALL ON audit_personal FROM {server_role};
GRANT SELECT, INSERT, DELETE ON audit_personal TO {server_role};
REVOKE ALL ON audit_log_head FROM {server_role};
GRANT SELECT, INSERT, UPDATE ON audit_log_head TO {server_role};
