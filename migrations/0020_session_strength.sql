-- room: domain/session
-- A fourth strength: a key that can't be copied.

ALTER TABLE session ADD COLUMN proof {int} NOT NULL DEFAULT 0 CHECK (proof BETWEEN 0 AND 3);
UPDATE session SET proof = proven;
ALTER TABLE session DROP COLUMN proven;
ALTER TABLE session RENAME COLUMN proof TO proven;
