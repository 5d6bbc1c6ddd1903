-- room: domain/authn
-- Badges that prove themselves: the public key of their card, bound with it and never changed. A tap has
-- the key that its card proved, if it proved one.

ALTER TABLE badge ADD COLUMN card_key {blob};
ALTER TABLE badge ADD COLUMN card_key_digest {blob};
ALTER TABLE badge_tap ADD COLUMN card_key {blob};
