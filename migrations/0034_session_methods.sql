-- room: domain/session
-- What a session's level stands on, and since when, beside its last proof: a step-up and an unlock
-- change the latter only. Of sessions from before, the last proof is all that is known; one that was
-- unlocked began anew later than that.

ALTER TABLE session ADD COLUMN signed_in_amr {text} NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN signed_in_at {int} NOT NULL DEFAULT 0;
UPDATE session SET signed_in_amr = factor_amr,
    signed_in_at = CASE WHEN last_proof_at < created_at THEN last_proof_at ELSE created_at END;
