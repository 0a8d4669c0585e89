-- How each agent's disk stood when it was last heard, in its own word; null from older agents.

ALTER TABLE agent ADD COLUMN storage text;
