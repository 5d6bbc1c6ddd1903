-- room: domain/network
-- The network rule: what was seen on the wire and what a person said of it, and who says that the rule is
-- in force. `scope` is "group:ID", or "device:ID" of a device that is in no group.

-- One flow that the rule would end, unless it is kept. Empty decision: nobody has said.
CREATE TABLE network_flow (
    id {text} PRIMARY KEY,
    scope {text} NOT NULL,
    direction {text} NOT NULL CHECK (direction IN ('to', 'from')),
    peer {text} NOT NULL,
    protocol {int} NOT NULL,
    port {int} NOT NULL,
    flows {int} NOT NULL,
    devices {int} NOT NULL,
    first_seen {int},
    last_seen {int},
    decision {text} NOT NULL DEFAULT '' CHECK (decision IN ('', 'keep', 'drop')),
    purpose {text} NOT NULL DEFAULT '',
    decided_by {text} REFERENCES account (id),
    decided_at {int},
    UNIQUE (scope, direction, peer, protocol, port)
) {strict};

-- Each log that was replayed.
CREATE TABLE network_flow_log (
    id {text} PRIMARY KEY,
    scope {text} NOT NULL,
    sha256 {text} NOT NULL,
    flows {int} NOT NULL,
    first_seen {int},
    last_seen {int},
    read_by {text} NOT NULL REFERENCES account (id),
    read_at {int} NOT NULL
) {strict};

CREATE INDEX network_flow_log_by_scope ON network_flow_log (scope, read_at);

-- What lets devices be opened: an attested rule, or an exception from it. Rows are added and ended.
CREATE TABLE network_cover (
    id {text} PRIMARY KEY,
    scope {text} NOT NULL,
    kind {text} NOT NULL CHECK (kind IN ('attested', 'exception')),
    rule {text},
    firewall {text} NOT NULL,
    ticket {text} NOT NULL,
    reason {text} NOT NULL,
    made_by {text} NOT NULL REFERENCES account (id),
    made_at {int} NOT NULL,
    ends_at {int} NOT NULL,
    CHECK ((kind = 'attested') = (rule IS NOT NULL))
) {strict};

CREATE INDEX network_cover_by_scope ON network_cover (scope, made_at);

-- What a firewall was found to have in force, against the rule.
CREATE TABLE network_drift (
    id {text} PRIMARY KEY,
    scope {text} NOT NULL,
    dialect {text} NOT NULL,
    missing {text} NOT NULL,
    unexpected {text} NOT NULL,
    reordered {int} NOT NULL,
    checked_by {text} NOT NULL REFERENCES account (id),
    checked_at {int} NOT NULL
) {strict};

CREATE INDEX network_drift_by_scope ON network_drift (scope, checked_at);

--- sqlite
CREATE TRIGGER network_cover_is_kept BEFORE DELETE ON network_cover
BEGIN SELECT RAISE(ABORT, 'what covered a device is kept'); END;

CREATE TRIGGER network_cover_keeps_what_it_says BEFORE UPDATE OF id, scope, kind, rule, firewall, ticket,
    reason, made_by, made_at ON network_cover
BEGIN SELECT RAISE(ABORT, 'what covered a device is kept'); END;

--- postgres
CREATE FUNCTION network_cover_is_protected() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'what covered a device is kept'; END $$;

CREATE TRIGGER network_cover_is_kept BEFORE DELETE ON network_cover
    FOR EACH ROW EXECUTE FUNCTION network_cover_is_protected();

CREATE TRIGGER network_cover_keeps_what_it_says BEFORE UPDATE OF id, scope, kind, rule, firewall, ticket,
    reason, made_by, made_at ON network_cover
    FOR EACH ROW EXECUTE FUNCTION network_cover_is_protected();

--- both
