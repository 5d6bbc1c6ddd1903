-- room: domain/recording
-- Visits to devices. Each has one recording, in a folder named after it; a row without its folder is
-- a recording that is missing, and is shown as that. Rows are kept, and who, what and when in them
-- never change. No foreign keys: the row outlives what it names.

CREATE TABLE connection (
    id {text} PRIMARY KEY,
    person_id {text} NOT NULL,
    account_id {text} NOT NULL,
    login_name {text} NOT NULL,
    session_id {text} NOT NULL,
    grant_id {text} NOT NULL,
    device_id {text} NOT NULL,
    device_name {text} NOT NULL,
    protocol {text} NOT NULL,
    node {text} NOT NULL,
    source {text} NOT NULL,
    policy_version {int} NOT NULL,
    opened_at {int} NOT NULL,
    closed_at {int},
    cause {text} NOT NULL,
    bytes_in {int} NOT NULL,
    bytes_out {int} NOT NULL,
    exchanges {int} NOT NULL,
    recording_state {text} NOT NULL
        CHECK (recording_state IN ('open', 'sealed', 'interrupted', 'missing')),
    sealed_at {int},
    root_hash {blob},
    CHECK (recording_state NOT IN ('sealed', 'interrupted') OR root_hash IS NOT NULL)
) {strict};

CREATE INDEX connection_by_time ON connection (opened_at);
CREATE INDEX connection_by_account ON connection (account_id, opened_at);
CREATE INDEX connection_by_device ON connection (device_id, opened_at);
CREATE INDEX connection_unsealed ON connection (opened_at) WHERE recording_state = 'open';

--- sqlite
CREATE TRIGGER connection_is_kept BEFORE DELETE ON connection
BEGIN SELECT RAISE(ABORT, 'connections are kept'); END;

CREATE TRIGGER connection_is_not_rewritten BEFORE UPDATE OF id, person_id, account_id, login_name, session_id, grant_id, device_id, device_name, protocol, node, source, policy_version, opened_at ON connection
BEGIN SELECT RAISE(ABORT, 'who visited what, and when, never changes'); END;

CREATE TRIGGER connection_seal_is_final BEFORE UPDATE OF recording_state, sealed_at, root_hash ON connection WHEN OLD.root_hash IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a seal is final'); END;

--- postgres
CREATE FUNCTION connection_is_protected() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'connections are kept, not rewritten, and a seal is final'; END $$;

CREATE TRIGGER connection_is_kept BEFORE DELETE ON connection
    FOR EACH ROW EXECUTE FUNCTION connection_is_protected();

CREATE TRIGGER connection_is_not_rewritten
    BEFORE UPDATE OF id, person_id, account_id, login_name, session_id, grant_id, device_id, device_name, protocol, node, source, policy_version, opened_at ON connection
    FOR EACH ROW EXECUTE FUNCTION connection_is_protected();

CREATE TRIGGER connection_seal_is_final
    BEFORE UPDATE OF recording_state, sealed_at, root_hash ON connection
    FOR EACH ROW WHEN (OLD.root_hash IS NOT NULL) EXECUTE FUNCTION connection_is_protected();

--- both
