-- room: domain/session
-- Where a session was opened, and whether what is known of the device and the place allowed it to look
-- after itself only (S0-55, S1-79). Sessions from before know of neither.

ALTER TABLE session ADD COLUMN zone {text} NOT NULL DEFAULT 'unzoned';
ALTER TABLE session ADD COLUMN limited {int} NOT NULL DEFAULT 0 CHECK (limited IN (0, 1));
