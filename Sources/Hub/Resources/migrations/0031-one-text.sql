-- What a reading says stands once, in its revisions: the row that shows the newest one repeated it.
-- Of all that it says, lists ask for one thing only: whether something is to be looked at.

ALTER TABLE reading ADD COLUMN flagged boolean NOT NULL DEFAULT false;
UPDATE reading SET flagged = true
WHERE CASE json_typeof(body -> 'problems') WHEN 'array'
    THEN json_array_length(body -> 'problems') > 0 END;
ALTER TABLE reading ALTER COLUMN flagged DROP DEFAULT, DROP COLUMN body;

-- An operation's first row is no duplicate, so the index of those rows finds it: the one of all rows
-- was written with each operation, and never read for anything else.
CREATE OR REPLACE FUNCTION operations_seen(ids uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT id FROM public.operation WHERE id = ANY (ids) AND verdict <> 'duplicate'
$$;
DROP INDEX operation_id;
