/// What the role that the Hub serves as may do with each table: nothing that the Hub does not do.
///
/// A table that is not named here is not there for it. What only grows can only be added to, and of
/// what devices sent nothing can be changed but what people decide about it.
enum ServingRights {
    static let tables: KeyValuePairs<String, String> = [
        "hub": "SELECT, UPDATE (instance, command_fence)",
        "site": "SELECT, INSERT, UPDATE",
        "schema_migration": "SELECT",
        "data_key": "SELECT, INSERT, UPDATE (messages)",
        // PCs and what they send.
        "agent": "SELECT, INSERT, UPDATE",
        "agent_epoch": "SELECT, INSERT",
        "agent_hole": "SELECT, INSERT, UPDATE (last)",
        "agent_claim": "SELECT, INSERT, UPDATE, DELETE",
        "agent_cursor": "SELECT, INSERT, UPDATE",
        "agent_clock": "SELECT, INSERT, DELETE",
        "invitation": "SELECT, INSERT, UPDATE (used_at, agent_id)",
        "recovery": "SELECT, INSERT",
        "recovery_agent": "SELECT, INSERT, UPDATE (heard_at, recovered, completed_at)",
        "operation": "SELECT, INSERT, UPDATE (dismissed, replayed_at, replay_code, detail)",
        "operation_decision": "SELECT, INSERT",
        "withheld_payload": "SELECT, INSERT",
        "upload": "SELECT, INSERT, DELETE",
        "upload_part": "SELECT, INSERT, UPDATE (received, moved_at), DELETE",
        "upload_run": "SELECT, INSERT",
        "site_position": "SELECT, INSERT, UPDATE",
        "site_change": "SELECT, INSERT, UPDATE, DELETE",
        // Documents and readings.
        "document":
            "SELECT, INSERT, UPDATE (format, decoder_version, failure_code, failure_detail, "
            + "failure_at, dismissed)",
        "document_decision": "SELECT, INSERT",
        "reading": "SELECT, INSERT, UPDATE",
        "reading_revision": "SELECT, INSERT",
        "reading_document": "SELECT, INSERT",
        "reading_match": "SELECT, INSERT, UPDATE",
        "reading_match_decision": "SELECT, INSERT",
        // Rows are locked while they are taken, which asks for the right to change some column.
        "match_work": "SELECT, INSERT, UPDATE (id), DELETE",
        // Devices and workstations.
        "device": "SELECT, INSERT, UPDATE",
        "device_event": "SELECT, INSERT, DELETE",
        "device_setting": "SELECT, INSERT",
        "device_rule": "SELECT, INSERT, UPDATE (removed_by, removed_at)",
        "device_command": "SELECT, INSERT, UPDATE",
        "verified_setting": "SELECT",
        "card_session": "SELECT, INSERT, UPDATE",
        "workstation_context": "SELECT, INSERT, UPDATE",
        "workstation_ticket": "SELECT, INSERT, UPDATE (used_at), DELETE",
        "workstation_browser": "SELECT, INSERT, UPDATE (ended_at)",
        // Patients.
        "patient": "SELECT, INSERT, UPDATE",
        "patient_version": "SELECT, INSERT",
        "patient_word": "SELECT, INSERT, DELETE",
        "patient_site": "SELECT, INSERT",
        "patient_link": "SELECT, INSERT, UPDATE (unlinked_at, unlinked_by)",
        "patient_identifier": "SELECT, INSERT, UPDATE (ended_at)",
        "patient_address": "SELECT, INSERT",
        "patient_hold": "SELECT, INSERT, UPDATE (lifted_by, lifted_at, lift_reason)",
        // A record ends by dispose_patient alone, which asks for everything that must hold.
        "patient_disposal": "SELECT, INSERT, UPDATE (withdrawn_at, withdrawn_by)",
        // People.
        "account": "SELECT, INSERT, UPDATE",
        "account_site": "SELECT, INSERT",
        "account_code": "SELECT, INSERT, UPDATE (used_at)",
        "session": "SELECT, INSERT, UPDATE",
        "sign_in_failure": "SELECT, INSERT, UPDATE, DELETE",
        "authenticator_app": "SELECT, INSERT, UPDATE, DELETE",
        "authenticator_app_offer": "SELECT, INSERT, UPDATE, DELETE",
        "recovery_code": "SELECT, INSERT, UPDATE (used_at), DELETE",
        "passkey": "SELECT, INSERT, UPDATE, DELETE",
        "passkey_challenge": "SELECT, INSERT, UPDATE, DELETE",
        "known_browser": "SELECT, INSERT, UPDATE",
        "emergency_access":
            "SELECT, INSERT, UPDATE (ended_at, reviewed_at, reviewed_by, finding, finding_note)",
        "factor_removal": "SELECT, INSERT, UPDATE (ended_at, ended_by, outcome)",
        // A letter is wiped once it is sent, and the row goes with time.
        "mail_message":
            "SELECT, INSERT, UPDATE (content, due_at, attempts, failure, sent_at, ended_at), "
            + "DELETE",
        "program": "SELECT, INSERT, UPDATE (ended_at, ended_by, end_cause, end_seen_at)",
        "program_site": "SELECT, INSERT",
        "program_token": "SELECT, INSERT, UPDATE, DELETE",
        // It grows, and does nothing else.
        "audit_record": "SELECT, INSERT (sequence, body, chain)",
    ]

    static let sequences = ["patient_number"]

    /// Functions that it may call; they look with the owner's eyes where their migrations say so.
    static let functions = [
        "scope_sites()", "scope_has(text)", "patient_may_be_known(uuid)", "patient_is_test(uuid)",
        "patient_survivor(uuid)", "patient_records(uuid)", "operations_seen(uuid[])", "audit_end()",
        "patient_is_held(uuid,text)", "reading_is_restricted(uuid,uuid)", "patients_due()",
        "dispose_patient(uuid,uuid)",
    ]

    /// Tables that the role has nothing to do with, and why.
    static let kept = [
        "scope_key": "whoever reads it can sign any scope",
        "serving_role": "the owner's own note",
    ]
}
