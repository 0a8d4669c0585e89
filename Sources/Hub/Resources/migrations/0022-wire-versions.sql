-- Agents that speak no version of the protocol that this Hub does: they keep everything.

ALTER TABLE agent ADD COLUMN is_too_new boolean NOT NULL DEFAULT false;
