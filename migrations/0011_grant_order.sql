-- room: domain/governance
-- Grants are listed a page at a time, newest first: everybody's, one requester's, or those that
-- wait for a decision.

CREATE INDEX access_grant_by_time ON access_grant (requested_at, id);
CREATE INDEX access_grant_of_requester ON access_grant (requester, requested_at, id);
CREATE INDEX access_grant_undecided ON access_grant (requested_at, id) WHERE state = 'requested';
