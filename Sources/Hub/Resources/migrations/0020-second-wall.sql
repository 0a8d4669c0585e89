-- The second wall: what a transaction may see, whatever its statements say.
-- See docs/decisions/0033-second-wall.md.
--
-- The Hub serves as a role that owns nothing. Each transaction brings a scope, the setting
-- clinic.scope: SITES/RIGHTS/KEY/SIGNATURE. SITES is * or identifiers with commas between; RIGHTS
-- are words with commas between; KEY names the key of a Hub, which the serving role cannot read.
-- Whoever can run any statement in one scope cannot write another.

-- The keys that scopes are signed with: SHA-256 goes over the pads and what is signed (RFC 2104).
CREATE TABLE scope_key (
    id text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{16}$'),
    inner_pad bytea NOT NULL CHECK (length(inner_pad) = 64),
    outer_pad bytea NOT NULL CHECK (length(outer_pad) = 64),
    made_at timestamptz NOT NULL DEFAULT now()
);
-- Which role was given what: the digest of the statements.
CREATE TABLE serving_role (
    name text PRIMARY KEY,
    digest text NOT NULL,
    given_at timestamptz NOT NULL DEFAULT now()
);

-- The sites and the rights of a scope that is signed; an error where there is none, so that what was
-- forgotten is noticed and not taken for an empty table.
CREATE FUNCTION scope_signed() RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL SAFE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    parts text[] := string_to_array(current_setting('clinic.scope', true), '/');
    pad record;
BEGIN
    IF array_length(parts, 1) = 4 THEN
        SELECT inner_pad, outer_pad INTO pad FROM public.scope_key WHERE id = parts[3];
        IF FOUND AND parts[4] = encode(sha256(pad.outer_pad || sha256(pad.inner_pad
            || convert_to('clinic-scope-v1/' || parts[1] || '/' || parts[2], 'UTF8'))), 'hex')
        THEN
            RETURN parts;
        END IF;
    END IF;
    RAISE EXCEPTION 'no scope' USING ERRCODE = 'insufficient_privilege';
END
$$;

-- The sites that the transaction may see.
CREATE FUNCTION scope_sites() RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    sites text := (public.scope_signed())[1];
BEGIN
    IF sites = '*' THEN
        RETURN coalesce((SELECT array_agg(id) FROM public.site), '{}');
    END IF;
    RETURN string_to_array(sites, ',')::uuid[];
END
$$;

-- Whether the transaction has a right beside its sites: people, audit, hub.
CREATE FUNCTION scope_has(wanted text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN wanted = ANY (string_to_array((public.scope_signed())[2], ','));
END
$$;

-- Scoped by a column of their own.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['agent', 'invitation', 'document', 'reading', 'reading_revision',
        'reading_document', 'site_position', 'site_change', 'device', 'device_rule',
        'document_decision', 'reading_match', 'reading_match_decision', 'card_session',
        'workstation_context', 'device_command']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scope ON %I
            USING (site_id = ANY ((SELECT scope_sites())::uuid[]))', name);
    END LOOP;
    -- By the PC, the device or the patient that they are of: whose row is seen, theirs are.
    FOREACH name IN ARRAY ARRAY['agent_epoch', 'operation', 'upload', 'upload_part', 'upload_run',
        'operation_decision', 'agent_cursor', 'agent_clock', 'agent_hole', 'recovery_agent',
        'agent_claim', 'workstation_ticket', 'workstation_browser']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scope ON %I USING (agent_id IN (SELECT id FROM agent))', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['device_event', 'device_setting']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scope ON %I
            USING (EXISTS (SELECT FROM device WHERE device.id = device_id))', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['patient_version', 'patient_word', 'patient_identifier',
        'patient_address', 'patient_link']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        -- Not EXISTS: that would be answered by fetching every patient of the site first.
        EXECUTE format('CREATE POLICY scope ON %1$I USING ((SELECT true FROM patient_site AS known
            WHERE known.patient_id = %1$I.patient_id LIMIT 1))', name);
    END LOOP;
    -- People's sessions and factors, programs' tokens: for signing in, for one's own account, for who administers.
    FOREACH name IN ARRAY ARRAY['session', 'sign_in_failure', 'account_code', 'authenticator_app',
        'authenticator_app_offer', 'recovery_code', 'passkey', 'passkey_challenge', 'known_browser',
        'program_token']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scope ON %I USING ((SELECT scope_has(''people'')))', name);
    END LOOP;
    -- Names that every page shows; changed by those alone.
    FOREACH name IN ARRAY ARRAY['account', 'account_site', 'program', 'program_site']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT USING (true)', name);
        EXECUTE format('CREATE POLICY added ON %I FOR INSERT
            WITH CHECK ((SELECT scope_has(''people'')))', name);
        EXECUTE format('CREATE POLICY changed ON %I FOR UPDATE
            USING ((SELECT scope_has(''people'')))', name);
        EXECUTE format('CREATE POLICY removed ON %I FOR DELETE
            USING ((SELECT scope_has(''people'')))', name);
    END LOOP;
    -- The installation's own: read by all, changed by the Hub itself and its commands.
    FOREACH name IN ARRAY ARRAY['hub', 'data_key', 'recovery']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT USING (true)', name);
        EXECUTE format('CREATE POLICY added ON %I FOR INSERT
            WITH CHECK ((SELECT scope_has(''hub'')))', name);
        EXECUTE format('CREATE POLICY changed ON %I FOR UPDATE
            USING ((SELECT scope_has(''hub'')))', name);
    END LOOP;
END
$$;

-- Names and settings of sites, which every session asks for.
ALTER TABLE site ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON site FOR SELECT USING (true);
CREATE POLICY added ON site FOR INSERT WITH CHECK ((SELECT scope_has('hub')));
CREATE POLICY changed ON site FOR UPDATE USING (id = ANY ((SELECT scope_sites())::uuid[]));

-- True of a record that no site knows yet, as while it is registered, and of one in the scope: nobody
-- is fetched from another site by writing a row into patient_site.
CREATE FUNCTION patient_may_be_known(record uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM public.patient_site WHERE patient_id = record)
        OR EXISTS (SELECT FROM public.patient_site
            WHERE patient_id = record AND site_id = ANY (public.scope_sites()))
$$;
ALTER TABLE patient_site ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON patient_site FOR SELECT
    USING (site_id = ANY ((SELECT scope_sites())::uuid[]));
CREATE POLICY added ON patient_site FOR INSERT WITH CHECK (
    site_id = ANY ((SELECT scope_sites())::uuid[]) AND patient_may_be_known(patient_id));

ALTER TABLE patient ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON patient FOR SELECT USING ((
    SELECT true FROM patient_site AS known WHERE known.patient_id = patient.id LIMIT 1));
CREATE POLICY changed ON patient FOR UPDATE USING ((
    SELECT true FROM patient_site AS known WHERE known.patient_id = patient.id LIMIT 1));
CREATE POLICY added ON patient FOR INSERT
    WITH CHECK (cardinality((SELECT scope_sites())::uuid[]) > 0);

-- What the matching has to look at: put there by all, taken by the matching.
ALTER TABLE match_work ENABLE ROW LEVEL SECURITY;
CREATE POLICY added ON match_work FOR INSERT
    WITH CHECK (cardinality((SELECT scope_sites())::uuid[]) > 0);
CREATE POLICY taken ON match_work USING ((SELECT scope_has('hub')));

-- A mark of safety is shown whoever looks, also where the test card was another site's.
CREATE OR REPLACE FUNCTION patient_is_test(start uuid) RETURNS boolean LANGUAGE sql STABLE
    PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM patient_records(start) AS record(id)
        JOIN patient ON patient.id = record.id WHERE patient.is_test)
$$;

-- Those of `ids` that some PC has brought before, wherever it stands: an operation counts once.
CREATE FUNCTION operations_seen(ids uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT id FROM public.operation WHERE id = ANY (ids)
$$;

-- A view that looks with the eyes of whoever asks.
ALTER VIEW verified_setting SET (security_invoker = true);

-- The audit grows and does nothing else: its end is where the last record is, and each new one must
-- follow the one before, so that nobody who may add to it can break its chain.
DROP TABLE audit_head;

CREATE FUNCTION audit_end() RETURNS TABLE (sequence bigint, chain bytea) LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT record.sequence, record.chain FROM public.audit_record AS record
    ORDER BY record.sequence DESC LIMIT 1
$$;

CREATE FUNCTION audit_follow() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before bytea := decode(repeat('00', 32), 'hex');
BEGIN
    IF NEW.sequence <> 1 THEN
        SELECT chain INTO before FROM public.audit_record WHERE sequence = NEW.sequence - 1;
    END IF;
    IF before IS NULL OR NEW.chain <> sha256(before || int8send(NEW.sequence) || convert_to(NEW.body, 'UTF8')) THEN
        RAISE EXCEPTION 'not the next audit record' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_record_follows BEFORE INSERT ON audit_record
    FOR EACH ROW EXECUTE FUNCTION audit_follow();

ALTER TABLE audit_record ENABLE ROW LEVEL SECURITY;
CREATE POLICY added ON audit_record FOR INSERT WITH CHECK (true);
CREATE POLICY seen ON audit_record FOR SELECT USING ((SELECT scope_has('audit')));
