-- Patients, and which reading is whose. See docs/decisions/0020-patients.md.

-- The part of a patient's number before its check digit.
CREATE SEQUENCE patient_number MINVALUE 100000 MAXVALUE 999999 START 100000;

CREATE TABLE patient (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE CHECK (number ~ '^[1-9][0-9]{6}$'),
    -- The newest row of patient_version; the columns below repeat it.
    version integer NOT NULL CHECK (version > 0),
    state text NOT NULL CHECK (state IN ('provisional', 'verified', 'archived')),
    -- The record that stands for this one; patient_link has who joined them, and when.
    merged_into uuid REFERENCES patient CHECK (merged_into <> id),
    family_name text NOT NULL CHECK (length(family_name) BETWEEN 1 AND 200),
    given_names text NOT NULL CHECK (length(given_names) <= 200),
    -- yyyy, yyyy-MM or yyyy-MM-dd, as far as it is known; NULL where it is not known at all.
    birth_date text COLLATE "C" CHECK (birth_date ~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$'),
    sex text NOT NULL CHECK (sex IN ('f', 'm', 'x', 'unknown')),
    source text NOT NULL CHECK (source IN ('manual', 'card')),
    -- Folded names: the order of lists, and what the name sounds like. The program makes them.
    sort_key text COLLATE "C" NOT NULL,
    sound_key text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX patient_sort ON patient (sort_key, number);
CREATE INDEX patient_sound ON patient (sound_key);
CREATE INDEX patient_birth ON patient (birth_date);
CREATE INDEX patient_merged ON patient (merged_into) WHERE merged_into IS NOT NULL;

-- Everything that was ever said of a patient, who said it, and when.
CREATE TABLE patient_version (
    patient_id uuid NOT NULL REFERENCES patient,
    version integer NOT NULL CHECK (version > 0),
    state text NOT NULL,
    family_name text NOT NULL,
    given_names text NOT NULL,
    birth_date text COLLATE "C",
    sex text NOT NULL,
    source text NOT NULL,
    changed_at timestamptz NOT NULL,
    -- NULL where no person of ours changed it: a card.
    changed_by uuid REFERENCES account,
    PRIMARY KEY (patient_id, version)
);
CREATE INDEX patient_version_birth ON patient_version (birth_date);

-- The words of a patient's present name, folded: a search goes by their beginnings.
CREATE TABLE patient_word (
    patient_id uuid NOT NULL REFERENCES patient,
    word text COLLATE "C" NOT NULL,
    PRIMARY KEY (word, patient_id)
);
CREATE INDEX patient_word_patient ON patient_word (patient_id);

-- Where a patient is known: where they were registered, and where a reading became theirs.
CREATE TABLE patient_site (
    patient_id uuid NOT NULL REFERENCES patient,
    site_id uuid NOT NULL REFERENCES site,
    since timestamptz NOT NULL,
    PRIMARY KEY (site_id, patient_id)
);
CREATE INDEX patient_site_patient ON patient_site (patient_id);

-- Two records of one person: joined by a link that can be undone, never by moving rows.
CREATE TABLE patient_link (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patient,
    into_id uuid NOT NULL REFERENCES patient CHECK (into_id <> patient_id),
    linked_at timestamptz NOT NULL,
    linked_by uuid NOT NULL REFERENCES account,
    unlinked_at timestamptz,
    unlinked_by uuid REFERENCES account,
    CHECK ((unlinked_at IS NULL) = (unlinked_by IS NULL))
);
CREATE UNIQUE INDEX patient_link_open ON patient_link (patient_id) WHERE unlinked_at IS NULL;

-- The record that stands for `start` in the end: itself unless it was merged.
CREATE FUNCTION patient_survivor(start uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE chain AS (
        SELECT id, merged_into, 1 AS depth FROM patient WHERE id = start
        UNION ALL
        SELECT patient.id, patient.merged_into, depth + 1
        FROM chain JOIN patient ON patient.id = chain.merged_into WHERE depth < 32
    )
    SELECT id FROM chain WHERE merged_into IS NULL LIMIT 1
$$;

-- `start` and every record that was merged into it.
CREATE FUNCTION patient_records(start uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE tree AS (
        SELECT start AS id, 1 AS depth
        UNION ALL
        SELECT patient.id, depth + 1
        FROM tree JOIN patient ON patient.merged_into = tree.id WHERE depth < 32
    )
    SELECT id FROM tree
$$;

-- Whose a reading is, as far as it is known: one row for each reading that was looked at.
CREATE TABLE reading_match (
    site_id uuid NOT NULL,
    reading_id uuid NOT NULL,
    -- One more for each decision: a form that was made before another decision is refused.
    version integer NOT NULL CHECK (version > 0),
    state text NOT NULL CHECK (state IN ('nobody', 'proposed', 'contradiction', 'matched')),
    patient_id uuid REFERENCES patient,
    -- NULL where the Hub decided by itself; its decisions give way to a person's, never the reverse.
    decided_by uuid REFERENCES account,
    decided_at timestamptz NOT NULL,
    -- What the Hub itself makes of the reading's newest revision: kept also beside a person's word.
    evidence jsonb NOT NULL,
    -- What the file says, for finding the reading again when a patient is registered.
    file_number text COLLATE "C",
    file_birth_date text COLLATE "C",
    -- In the order of reading.position, from the same counter, for those who follow the list.
    position bigint NOT NULL,
    PRIMARY KEY (site_id, reading_id),
    FOREIGN KEY (site_id, reading_id) REFERENCES reading (site_id, id),
    CHECK ((state = 'matched') = (patient_id IS NOT NULL))
);
CREATE UNIQUE INDEX reading_match_newest ON reading_match (site_id, position DESC);
CREATE INDEX reading_match_patient ON reading_match (patient_id) WHERE patient_id IS NOT NULL;
CREATE INDEX reading_match_number ON reading_match (file_number) WHERE decided_by IS NULL;
CREATE INDEX reading_match_birth ON reading_match (file_birth_date) WHERE decided_by IS NULL;

-- Every decision that was ever made, the Hub's and people's.
CREATE TABLE reading_match_decision (
    site_id uuid NOT NULL,
    reading_id uuid NOT NULL,
    version integer NOT NULL,
    state text NOT NULL,
    patient_id uuid REFERENCES patient,
    decided_by uuid REFERENCES account,
    decided_at timestamptz NOT NULL,
    evidence jsonb NOT NULL,
    PRIMARY KEY (site_id, reading_id, version)
);
CREATE INDEX reading_match_decision_patient ON reading_match_decision (patient_id);

-- What the matching has still to look at: a reading, or every reading that may be a patient's.
CREATE TABLE match_work (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id uuid,
    reading_id uuid,
    patient_id uuid,
    CHECK ((reading_id IS NULL) <> (patient_id IS NULL)),
    CHECK ((reading_id IS NULL) = (site_id IS NULL))
);
INSERT INTO match_work (site_id, reading_id) SELECT site_id, id FROM reading ORDER BY position;
