-- room: domain/directory
-- Accounts are listed a page at a time, in the order in which they were made.

CREATE INDEX account_by_time ON account (created_at, id);
