-- room: domain/authn
-- Until when the last good judgement of a workstation's certificate stands, and what it is judged by
-- again: the certificates as TLS showed them, Base64url, a line each. One that was registered before
-- has none, so it is recognised once more.

ALTER TABLE workstation ADD COLUMN stands_until {int};
ALTER TABLE workstation_certificate ADD COLUMN certificates {text} NOT NULL DEFAULT '';
-- Why the last judgement was no yes; empty: it was.
ALTER TABLE workstation_certificate ADD COLUMN refused {text} NOT NULL DEFAULT '';
UPDATE workstation SET stands_until = registered_at
    WHERE id IN (SELECT workstation_id FROM workstation_certificate);
ALTER TABLE card_presentation ADD COLUMN certificates {text} NOT NULL DEFAULT '';
