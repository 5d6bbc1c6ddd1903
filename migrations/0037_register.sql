-- room: domain/directory
-- The register: devices in asset groups, where they stand, what they do with patients' data, and every
-- way into them with what covers it. Groups keep their names, and are never deleted.

CREATE TABLE device_group (
    id {text} PRIMARY KEY,
    name {text} NOT NULL UNIQUE,
    description {text} NOT NULL,
    deployed {int} CHECK (deployed >= 0),
    mds2_reference {text} NOT NULL,
    mds2_sha256 {text} NOT NULL,
    mds2_date {text} NOT NULL,
    interfaces {text} NOT NULL,
    profile {text},
    created_at {int} NOT NULL
) {strict};

-- Empty ephi: registered before it was asked for, and shown as a gap.
ALTER TABLE device ADD COLUMN group_id {text} REFERENCES device_group (id);
ALTER TABLE device ADD COLUMN mac {text} NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN ward {text} NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN ephi {text} NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN interfaces {text} NOT NULL DEFAULT '[]';

CREATE INDEX device_by_group ON device (group_id, name);

--- sqlite
CREATE TRIGGER device_group_is_kept BEFORE DELETE ON device_group
BEGIN SELECT RAISE(ABORT, 'device groups are kept'); END;

CREATE TRIGGER device_group_keeps_its_name BEFORE UPDATE OF id, name ON device_group
BEGIN SELECT RAISE(ABORT, 'device groups keep their names'); END;

--- postgres
CREATE FUNCTION device_group_is_protected() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'device groups are kept, and keep their names'; END $$;

CREATE TRIGGER device_group_is_kept BEFORE DELETE ON device_group
    FOR EACH ROW EXECUTE FUNCTION device_group_is_protected();

CREATE TRIGGER device_group_keeps_its_name BEFORE UPDATE OF id, name ON device_group
    FOR EACH ROW EXECUTE FUNCTION device_group_is_protected();

--- both
