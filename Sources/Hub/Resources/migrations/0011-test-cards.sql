-- Whose record comes from a test card, wherever it is shown; and the photo, which a site allows.

ALTER TABLE patient
    -- True once a card under a test root said something of the record. It stays so.
    ADD COLUMN is_test boolean NOT NULL DEFAULT false;
UPDATE patient SET is_test = true WHERE EXISTS (
    SELECT FROM card_session
    WHERE card_session.patient_id = patient.id AND card_session.outcome = 'testCard');

-- True of a record that is a test card's, or that stands for one.
CREATE FUNCTION patient_is_test(start uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM patient_records(start) AS record(id)
        JOIN patient ON patient.id = record.id WHERE patient.is_test)
$$;

ALTER TABLE site
    -- True: the PCs of the site read the photo too, and the page This PC shows it.
    ADD COLUMN reads_photo boolean NOT NULL DEFAULT false;

CREATE INDEX card_session_reader ON card_session (agent_id, reader, began_at DESC);
