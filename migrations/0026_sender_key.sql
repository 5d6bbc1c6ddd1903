-- room: domain/session
-- The key that a browser made for its sign-in: what opens a device is signed with it. There from the
-- session's first moment or never, and never another: whoever copied the cookie can't bind theirs.

CREATE TABLE session_sender_key (
    session_id {text} PRIMARY KEY REFERENCES session (id),
    public_key {blob} NOT NULL
) {strict};

--- sqlite
CREATE TRIGGER sender_key_stays BEFORE UPDATE ON session_sender_key
BEGIN SELECT RAISE(ABORT, 'a session keeps its key'); END;

CREATE TRIGGER sender_key_is_not_taken BEFORE DELETE ON session_sender_key
BEGIN SELECT RAISE(ABORT, 'a session keeps its key'); END;

--- postgres
CREATE FUNCTION sender_key_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a session keeps its key'; END $$;

CREATE TRIGGER sender_key_stays BEFORE UPDATE OR DELETE ON session_sender_key
    FOR EACH ROW EXECUTE FUNCTION sender_key_stays();

--- both
