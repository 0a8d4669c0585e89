-- Two more kinds of people: who measures, and who reads the audit.

ALTER TABLE account DROP CONSTRAINT account_role_check;
ALTER TABLE account ADD CONSTRAINT account_role_check
    CHECK (role IN ('clinician', 'assistant', 'it', 'auditor'));
