-- room: domain/session
-- What a session's level stands on, and since when, beside its last proof: a step-up and an unlock
-- change the latter only. Of sessions from before, the last proof is all that is known.

ALTER TABLE session ADD COLUMN signed_in_amr {text} NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN signed_in_at {int} NOT NULL DEFAULT 0;
UPDATE session SET signed_in_amr = factor_amr, signed_in_at = created_at;
