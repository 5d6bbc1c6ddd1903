-- room: domain/session
-- A wall clock that is set back must not lengthen a session: its times move back with the clock. So
-- the limits may move nearer together with the beginning, and still neither apart nor later.

--- sqlite
DROP TRIGGER session_end_is_fixed;

CREATE TRIGGER session_end_is_fixed BEFORE UPDATE OF id, account_id, person_id, created_at, ends_at, idle_max ON session
WHEN NEW.id <> OLD.id OR NEW.account_id <> OLD.account_id OR NEW.person_id <> OLD.person_id
    OR NEW.idle_max <> OLD.idle_max OR NEW.ends_at > OLD.ends_at
    OR NEW.ends_at - NEW.created_at <> OLD.ends_at - OLD.created_at
BEGIN SELECT RAISE(ABORT, 'the limits of a session never move'); END;

--- postgres
DROP TRIGGER session_end_is_fixed ON session;

CREATE TRIGGER session_end_is_fixed
    BEFORE UPDATE OF id, account_id, person_id, created_at, ends_at, idle_max ON session
    FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.account_id <> OLD.account_id
        OR NEW.person_id <> OLD.person_id OR NEW.idle_max <> OLD.idle_max
        OR NEW.ends_at > OLD.ends_at
        OR NEW.ends_at - NEW.created_at <> OLD.ends_at - OLD.created_at)
    EXECUTE FUNCTION session_end_is_fixed();
