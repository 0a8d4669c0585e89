-- A reading and a document are of a PC of their site: one reference where there were two, of which
-- the one to the site had every push wait for the locks that all others held on its row.

ALTER TABLE agent ADD UNIQUE (site_id, id);
ALTER TABLE reading DROP CONSTRAINT reading_site_id_fkey, DROP CONSTRAINT reading_agent_id_fkey,
    ADD FOREIGN KEY (site_id, agent_id) REFERENCES agent (site_id, id);
ALTER TABLE document DROP CONSTRAINT document_site_id_fkey, DROP CONSTRAINT document_agent_id_fkey,
    ADD FOREIGN KEY (site_id, agent_id) REFERENCES agent (site_id, id);
