-- What a disposal missed: the same bytes from another PC, a card that nobody settled, what was being
-- uploaded; and it does not decide whose a reading is that waits for a person.
-- See docs/decisions/0034-retention.md.

CREATE OR REPLACE FUNCTION patient_last_contact(record uuid) RETURNS timestamptz LANGUAGE sql STABLE
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
        (SELECT max(greatest(card.began_at, card.ended_at)) FROM card_session AS card
            JOIN patient_identifier AS known ON known.value_index = card.number_index
            JOIN records ON records.id = known.patient_id),
        (SELECT max(greatest(started_at, ended_at)) FROM workstation_context
            JOIN records ON records.id = patient_id),
        (SELECT max(issued_at) FROM device_command JOIN records ON records.id = patient_id),
        (SELECT max(since) FROM patient_address JOIN records ON records.id = patient_id),
        (SELECT max(since) FROM patient_identifier JOIN records ON records.id = patient_id))
$$;

CREATE OR REPLACE FUNCTION dispose_patient(disposal uuid, account uuid) RETURNS void LANGUAGE plpgsql
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

    -- Whose a reading is that may be theirs is for a person to say; and it may be newer than the term.
    IF EXISTS (SELECT FROM reading_match JOIN unnest(records) AS record ON evidence
        @> jsonb_build_object('named', jsonb_build_array(jsonb_build_object('patient', record::text)))
        WHERE state IN ('proposed', 'contradiction'))
    THEN
        RAISE EXCEPTION 'readings wait for a person' USING ERRCODE = 'CG006';
    END IF;

    CREATE TEMPORARY TABLE gone_card ON COMMIT DROP AS
        SELECT site_id, id FROM card_session WHERE patient_id = ANY (records)
            -- Nobody said then whose card it was; its number says it.
            OR patient_id IS NULL AND number_index IN (SELECT value_index FROM patient_identifier
                WHERE patient_id = ANY (records));
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
    -- What PCs sent of it, each of them and at any time: a folder that two PCs read, or one reads
    -- again, comes twice. Numbers and chain stay, or the log would break; the bytes go.
    CREATE TEMPORARY TABLE gone_word ON COMMIT DROP AS
        SELECT site_id, 'reading' AS kind, id::text AS word FROM gone
        UNION SELECT site_id, 'document', encode(sha256, 'hex') FROM gone_document
        UNION SELECT site_id, 'card', id::text FROM gone_card;
    UPDATE operation SET payload = '', erased_at = now() FROM agent
    WHERE erased_at IS NULL AND agent.id = operation.agent_id
        AND operation.kind IN ('reading', 'document', 'card')
        AND agent.site_id IN (SELECT site_id FROM gone_word)
        AND (agent.site_id, operation.kind, payload_word(operation.kind, operation.payload))
            IN (SELECT site_id, kind, word FROM gone_word);
    GET DIAGNOSTICS gone_payloads = ROW_COUNT;

    DELETE FROM withheld_payload AS later USING operation, agent
        WHERE agent.id = operation.agent_id AND operation.agent_id = later.agent_id AND operation.epoch = later.epoch
            AND operation.sequence = later.sequence
            AND (agent.site_id, operation.kind, payload_word(operation.kind, later.payload)) IN (
                SELECT site_id, kind, word FROM gone_word);
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
    DELETE FROM upload_part USING gone_document AS d, agent
        WHERE upload_part.sha256 = d.sha256 AND agent.id = upload_part.agent_id
            AND agent.site_id = d.site_id;
    DELETE FROM document USING gone_document AS d
        WHERE document.site_id = d.site_id AND document.sha256 = d.sha256;
    GET DIAGNOSTICS gone_documents = ROW_COUNT;
    DELETE FROM device_command WHERE patient_id = ANY (records);
    DELETE FROM workstation_context WHERE patient_id = ANY (records);
    DELETE FROM card_session WHERE id IN (SELECT id FROM gone_card);
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
    DROP TABLE gone, gone_document, gone_card, gone_word;
END
$$;
