-- room: domain/policy
-- Versions of the policy. One is in force at any time.

CREATE TABLE policy_version (
    version {int} PRIMARY KEY,
    based_on {int} NOT NULL,
    state {text} NOT NULL CHECK (state IN ('proposed', 'applied', 'superseded', 'rejected')),
    json {text} NOT NULL,
    diff {text} NOT NULL,
    rationale {text} NOT NULL,
    proposed_by {text} REFERENCES account (id),
    proposed_at {int} NOT NULL,
    decided_by {text} REFERENCES account (id),
    decided_at {int},
    CHECK (decided_by IS NULL OR proposed_by IS NULL OR state = 'rejected' OR decided_by <> proposed_by)
) {strict};

CREATE UNIQUE INDEX policy_version_in_force ON policy_version (state) WHERE state = 'applied';
