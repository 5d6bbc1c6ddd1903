-- room: domain/governance
-- Who may visit which device, when and why; who had a hand in whose factors; who accepted which
-- recording notice.

-- No row is ever approved without another account's decision (L-02): not by INSERT, and not by
-- UPDATE.
CREATE TABLE access_grant (
    id {text} PRIMARY KEY,
    requester {text} NOT NULL REFERENCES account (id),
    device_id {text} NOT NULL REFERENCES device (id),
    purpose {text} NOT NULL,
    change_ticket {text} NOT NULL,
    valid_from {int} NOT NULL,
    valid_until {int} NOT NULL,
    capabilities {text} NOT NULL,
    state {text} NOT NULL CHECK (state IN ('requested', 'approved', 'denied', 'revoked')),
    requested_at {int} NOT NULL,
    decided_by {text} REFERENCES account (id),
    decided_at {int},
    decision_reason {text} NOT NULL,
    ended_by {text} REFERENCES account (id),
    ended_at {int},
    end_reason {text} NOT NULL,
    expiry_noted {int} NOT NULL CHECK (expiry_noted IN (0, 1)),
    CHECK (valid_until > valid_from),
    CHECK (state = 'requested' OR (decided_by IS NOT NULL AND decided_at IS NOT NULL AND decided_by <> requester))
) {strict};

CREATE INDEX access_grant_by_requester ON access_grant (requester, device_id, valid_until);
CREATE INDEX access_grant_to_expire ON access_grant (valid_until) WHERE state = 'approved' AND expiry_noted = 0;

CREATE TABLE factor_custody (
    account_id {text} NOT NULL REFERENCES account (id),
    by_account {text} NOT NULL REFERENCES account (id),
    kind {text} NOT NULL CHECK (kind IN ('ticket_issued', 'factor_reset')),
    noted_at {int} NOT NULL
) {strict};

CREATE INDEX factor_custody_by_account ON factor_custody (account_id, noted_at);

CREATE TABLE notice_acceptance (
    account_id {text} NOT NULL REFERENCES account (id),
    version {text} NOT NULL,
    accepted_at {int} NOT NULL,
    PRIMARY KEY (account_id, version)
) {strict};

--- sqlite
CREATE TRIGGER access_grant_begins_as_requested BEFORE INSERT ON access_grant WHEN NEW.state <> 'requested'
BEGIN SELECT RAISE(ABORT, 'a grant begins as requested'); END;

CREATE TRIGGER access_grant_is_kept BEFORE DELETE ON access_grant
BEGIN SELECT RAISE(ABORT, 'grants are kept'); END;

CREATE TRIGGER access_grant_is_not_widened BEFORE UPDATE OF id, requester, device_id, purpose, change_ticket, valid_from, valid_until, capabilities, requested_at ON access_grant
BEGIN SELECT RAISE(ABORT, 'what was asked for never changes'); END;

--- postgres
CREATE FUNCTION access_grant_is_protected() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a grant begins as requested, is kept, and is not widened'; END $$;

CREATE TRIGGER access_grant_begins_as_requested BEFORE INSERT ON access_grant
    FOR EACH ROW WHEN (NEW.state <> 'requested') EXECUTE FUNCTION access_grant_is_protected();

CREATE TRIGGER access_grant_is_kept BEFORE DELETE ON access_grant
    FOR EACH ROW EXECUTE FUNCTION access_grant_is_protected();

CREATE TRIGGER access_grant_is_not_widened
    BEFORE UPDATE OF id, requester, device_id, purpose, change_ticket, valid_from, valid_until, capabilities, requested_at ON access_grant
    FOR EACH ROW EXECUTE FUNCTION access_grant_is_protected();

--- both
