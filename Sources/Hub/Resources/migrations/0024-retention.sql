-- Restriction and legal holds, and the end of a record. See docs/decisions/0034-retention.md.

-- What holds a record as it is, from when to when, and why.
CREATE TABLE patient_hold (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patient,
    -- restriction: GDPR, article 18. legalHold: kept for a claim, beyond any term.
    kind text NOT NULL CHECK (kind IN ('restriction', 'legalHold')),
    reason text NOT NULL CHECK (length(reason) BETWEEN 3 AND 500),
    set_by uuid NOT NULL REFERENCES account,
    set_at timestamptz NOT NULL,
    lifted_by uuid REFERENCES account,
    lifted_at timestamptz,
    lift_reason text CHECK (length(lift_reason) BETWEEN 3 AND 500),
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL)),
    CHECK ((lifted_at IS NULL) = (lift_reason IS NULL))
);
CREATE UNIQUE INDEX patient_hold_open ON patient_hold (patient_id, kind) WHERE lifted_at IS NULL;

-- True of a record that is held so, or that is joined with one that is: whoever looks.
CREATE FUNCTION patient_is_held(record uuid, wanted text) RETURNS boolean LANGUAGE sql STABLE
    PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- Few installations have any: then nothing is followed.
    SELECT EXISTS (SELECT FROM patient_hold WHERE lifted_at IS NULL AND kind = wanted)
        AND EXISTS (SELECT FROM patient_hold
        WHERE lifted_at IS NULL AND kind = wanted
            AND patient_id IN (SELECT patient_records(coalesce(patient_survivor(record), record))))
$$;

-- A restricted record is stored, and takes in what devices measure; nothing else is done with it.
CREATE FUNCTION patient_refuse_restricted() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    record uuid := CASE TG_TABLE_NAME WHEN 'patient' THEN to_jsonb(NEW) ->> 'id'
        ELSE to_jsonb(NEW) ->> 'patient_id' END;
BEGIN
    -- The mark of a test card is a matter of safety.
    IF TG_TABLE_NAME = 'patient'
        AND to_jsonb(NEW) - 'is_test' IS NOT DISTINCT FROM to_jsonb(OLD) - 'is_test'
    THEN
        RETURN NEW;
    END IF;
    IF patient_is_held(record, 'restriction') OR (TG_TABLE_NAME = 'patient'
        AND patient_is_held((to_jsonb(NEW) ->> 'merged_into')::uuid, 'restriction'))
    THEN
        RAISE EXCEPTION 'the record is restricted' USING ERRCODE = 'CG001';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER patient_restricted BEFORE UPDATE ON patient
    FOR EACH ROW EXECUTE FUNCTION patient_refuse_restricted();
CREATE TRIGGER patient_address_restricted BEFORE INSERT ON patient_address
    FOR EACH ROW EXECUTE FUNCTION patient_refuse_restricted();
CREATE TRIGGER device_command_restricted BEFORE INSERT ON device_command
    FOR EACH ROW EXECUTE FUNCTION patient_refuse_restricted();

-- When the clinic last had to do with a person, at whichever site: the latest of what it knows of
-- the record and of those that are joined with it.
CREATE FUNCTION patient_last_contact(record uuid) RETURNS timestamptz LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH records AS MATERIALIZED (
        SELECT patient_records(coalesce(patient_survivor(record), record)) AS id)
    SELECT greatest(
        (SELECT max(greatest(created_at, changed_at)) FROM patient JOIN records USING (id)),
        (SELECT max(changed_at) FROM patient_version JOIN records ON records.id = patient_id),
        (SELECT max(greatest(reading.received_at, reading.captured_at))
            FROM reading_match AS match JOIN records ON records.id = match.patient_id
            JOIN reading ON reading.site_id = match.site_id AND reading.id = match.reading_id),
        (SELECT max(decided_at) FROM reading_match JOIN records ON records.id = patient_id),
        (SELECT max(greatest(began_at, ended_at)) FROM card_session
            JOIN records ON records.id = patient_id),
        (SELECT max(greatest(started_at, ended_at)) FROM workstation_context
            JOIN records ON records.id = patient_id),
        (SELECT max(issued_at) FROM device_command JOIN records ON records.id = patient_id),
        (SELECT max(since) FROM patient_address JOIN records ON records.id = patient_id),
        (SELECT max(since) FROM patient_identifier JOIN records ON records.id = patient_id))
$$;

-- Records that stand for themselves and whose term is over: thirty years after the last contact.
CREATE FUNCTION patients_due() RETURNS TABLE (id uuid, last_contact timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT old.id, old.last_contact FROM (
        SELECT patient.id, patient_last_contact(patient.id) AS last_contact FROM patient
        WHERE merged_into IS NULL AND changed_at <= now() - interval '30 years'
            AND EXISTS (SELECT FROM patient_site WHERE patient_id = patient.id
                AND site_id = ANY (scope_sites()))
    ) AS old
    WHERE old.last_contact <= now() - interval '30 years'
$$;

-- The two steps of a disposal. It outlives the record: who, when, why, and how much went.
CREATE TABLE patient_disposal (
    id uuid PRIMARY KEY,
    -- No reference: the record goes.
    patient_id uuid NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 3 AND 500),
    proposed_by uuid NOT NULL REFERENCES account,
    proposed_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by uuid REFERENCES account,
    disposed_at timestamptz,
    disposed_by uuid REFERENCES account,
    last_contact timestamptz,
    readings integer,
    documents integer,
    payloads integer,
    CHECK (withdrawn_at IS NULL OR disposed_at IS NULL)
);
CREATE UNIQUE INDEX patient_disposal_open ON patient_disposal (patient_id)
    WHERE withdrawn_at IS NULL AND disposed_at IS NULL;

-- When the bytes of an operation were removed with the person's record that they were of.
ALTER TABLE operation ADD COLUMN erased_at timestamptz;

-- What an operation is about: a reading, a document or a card's session; null where it cannot be
-- read, as in quarantine.
CREATE FUNCTION payload_word(kind text, payload bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF octet_length(payload) = 0 THEN RETURN NULL; END IF;
    RETURN convert_from(payload, 'UTF8')::jsonb ->> CASE kind WHEN 'reading' THEN 'id'
        WHEN 'document' THEN 'sha256' WHEN 'card' THEN 'session' END;
EXCEPTION WHEN OTHERS THEN RETURN NULL;
END
$$;

-- Ends a record, if everything says that it may end: the only way in which anything of a patient is
-- ever removed. Whoever calls it can do this and nothing more.
CREATE FUNCTION dispose_patient(disposal uuid, account uuid) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    step patient_disposal;
    records uuid[];
    contact timestamptz;
    gone_documents integer;
    gone_payloads integer;
BEGIN
    IF NOT scope_has('disposal') THEN
        RAISE EXCEPTION 'no right' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO step FROM patient_disposal WHERE id = disposal
        AND withdrawn_at IS NULL AND disposed_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such step' USING ERRCODE = 'CG002';
    END IF;
    -- By somebody else, or a week later.
    IF step.proposed_by = account AND step.proposed_at > now() - interval '7 days' THEN
        RAISE EXCEPTION 'too soon' USING ERRCODE = 'CG003';
    END IF;
    PERFORM FROM patient WHERE id = step.patient_id AND merged_into IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such record' USING ERRCODE = 'CG002';
    END IF;
    records := ARRAY(SELECT patient_records(step.patient_id));
    PERFORM FROM patient WHERE id = ANY (records) ORDER BY id FOR UPDATE;
    -- Nobody ends what a site has that they do not see.
    IF EXISTS (SELECT FROM patient_site WHERE patient_id = ANY (records)
        AND site_id <> ALL (scope_sites()))
    THEN
        RAISE EXCEPTION 'known elsewhere' USING ERRCODE = 'CG004';
    END IF;
    IF patient_is_held(step.patient_id, 'restriction')
        OR patient_is_held(step.patient_id, 'legalHold')
    THEN
        RAISE EXCEPTION 'held' USING ERRCODE = 'CG001';
    END IF;
    contact := patient_last_contact(step.patient_id);
    IF contact IS NULL OR contact > now() - interval '30 years' THEN
        RAISE EXCEPTION 'before the term' USING ERRCODE = 'CG005';
    END IF;

    CREATE TEMPORARY TABLE gone ON COMMIT DROP AS
        SELECT site_id, reading_id AS id FROM reading_match WHERE patient_id = ANY (records);
    -- A document goes where every reading of it does; one that is also of somebody else stays.
    CREATE TEMPORARY TABLE gone_document ON COMMIT DROP AS
        SELECT DISTINCT part.site_id, part.sha256 FROM reading_document AS part
        JOIN gone ON gone.site_id = part.site_id AND gone.id = part.reading_id
        WHERE NOT EXISTS (SELECT FROM reading_document AS other
            WHERE other.site_id = part.site_id AND other.sha256 = part.sha256
                AND NOT EXISTS (SELECT FROM gone WHERE gone.site_id = other.site_id
                    AND gone.id = other.reading_id));
    -- What PCs sent of it: numbers and chain stay, or the log would break; the bytes go.
    WITH sent AS (
        SELECT DISTINCT agent_id, received_at FROM reading_revision
        JOIN gone ON gone.site_id = reading_revision.site_id AND gone.id = reading_id
        UNION SELECT agent_id, received_at FROM document JOIN gone_document USING (site_id, sha256)
    ), said AS (
        SELECT id::text AS word FROM gone
        UNION SELECT encode(sha256, 'hex') FROM gone_document
        UNION SELECT id::text FROM card_session WHERE patient_id = ANY (records)
    )
    UPDATE operation SET payload = '', erased_at = now()
    WHERE erased_at IS NULL AND kind IN ('reading', 'document', 'card')
        -- One that was shown later than it came has another time.
        AND (kind = 'card' OR replayed_at IS NOT NULL
            OR (agent_id, received_at) IN (SELECT agent_id, received_at FROM sent))
        AND payload_word(kind, payload) IN (SELECT word FROM said);
    GET DIAGNOSTICS gone_payloads = ROW_COUNT;

    DELETE FROM withheld_payload AS later USING operation
        WHERE operation.agent_id = later.agent_id AND operation.epoch = later.epoch
            AND operation.sequence = later.sequence
            AND payload_word(operation.kind, later.payload) IN (
                SELECT id::text FROM gone UNION SELECT encode(sha256, 'hex') FROM gone_document
                UNION SELECT id::text FROM card_session WHERE patient_id = ANY (records));
    DELETE FROM match_work WHERE patient_id = ANY (records)
        OR (site_id, reading_id) IN (SELECT site_id, id FROM gone);
    DELETE FROM reading_match_decision WHERE patient_id = ANY (records)
        OR (site_id, reading_id) IN (SELECT site_id, id FROM gone);
    DELETE FROM reading_match WHERE (site_id, reading_id) IN (SELECT site_id, id FROM gone);
    DELETE FROM reading_document WHERE (site_id, reading_id) IN (SELECT site_id, id FROM gone);
    DELETE FROM reading_revision WHERE (site_id, reading_id) IN (SELECT site_id, id FROM gone);
    DELETE FROM reading WHERE (site_id, id) IN (SELECT site_id, id FROM gone);
    DELETE FROM document_decision USING gone_document AS d
        WHERE document_decision.site_id = d.site_id AND document_decision.sha256 = d.sha256;
    DELETE FROM upload USING gone_document AS d, agent
        WHERE upload.sha256 = d.sha256 AND agent.id = upload.agent_id AND agent.site_id = d.site_id;
    DELETE FROM document USING gone_document AS d
        WHERE document.site_id = d.site_id AND document.sha256 = d.sha256;
    GET DIAGNOSTICS gone_documents = ROW_COUNT;
    DELETE FROM device_command WHERE patient_id = ANY (records);
    DELETE FROM workstation_context WHERE patient_id = ANY (records);
    DELETE FROM card_session WHERE patient_id = ANY (records);
    DELETE FROM patient_hold WHERE patient_id = ANY (records);
    DELETE FROM patient_link WHERE patient_id = ANY (records) OR into_id = ANY (records);
    DELETE FROM patient_address WHERE patient_id = ANY (records);
    DELETE FROM patient_identifier WHERE patient_id = ANY (records);
    DELETE FROM patient_word WHERE patient_id = ANY (records);
    DELETE FROM patient_version WHERE patient_id = ANY (records);
    DELETE FROM patient_site WHERE patient_id = ANY (records);
    UPDATE patient SET merged_into = NULL WHERE id = ANY (records) AND merged_into IS NOT NULL;
    DELETE FROM patient WHERE id = ANY (records);

    UPDATE patient_disposal SET disposed_at = now(), disposed_by = account, last_contact = contact,
        readings = (SELECT count(*) FROM gone), documents = gone_documents,
        payloads = gone_payloads
    WHERE id = disposal;
    DROP TABLE gone, gone_document;
END
$$;

-- Other programs are told nothing of a restricted record, nor what was measured of it.
CREATE FUNCTION reading_is_restricted(site uuid, reading uuid) RETURNS boolean LANGUAGE sql STABLE
    PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM patient_hold WHERE lifted_at IS NULL AND kind = 'restriction')
        AND EXISTS (SELECT FROM reading_match
            WHERE site_id = site AND reading_id = reading AND patient_id IS NOT NULL
                AND patient_is_held(patient_id, 'restriction'))
$$;
CREATE POLICY unrestricted ON patient AS RESTRICTIVE FOR SELECT USING (
    NOT (SELECT scope_has('program')) OR NOT patient_is_held(id, 'restriction'));
CREATE POLICY unrestricted ON reading AS RESTRICTIVE FOR SELECT USING (
    NOT (SELECT scope_has('program')) OR NOT reading_is_restricted(site_id, id));

ALTER TABLE patient_hold ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON patient_hold USING ((SELECT true FROM patient_site AS known
    WHERE known.patient_id = patient_hold.patient_id LIMIT 1));
-- Who ended what stays for those who may; the identifier leads nowhere any more.
ALTER TABLE patient_disposal ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON patient_disposal USING ((SELECT scope_has('disposal')));
