DO $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT DISTINCT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = 'public'::regnamespace AND t.tgparentid = 0 AND NOT c.relispartition
            AND t.tgname IN ('audit_trigger', 'audit_insert', 'audit_update', 'audit_delete')
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %I', item.tgname, item.relname);
    END LOOP;
END
$$;
DROP VIEW audit_entries;
DROP FUNCTION audit_sightings(), audit_batch(), audit_trigger(), record_audit_event(text, text, text, jsonb, uuid),
    audit_write(text, text, text, jsonb, jsonb, uuid, integer), audit_payload_digest(bytea, jsonb, jsonb),
    audit_text(audit_logs);
DROP TABLE audit_chain, audit_payloads, audit_logs;
DROP FUNCTION audit_allow_erasure(), audit_forbid(), audit_seal(), sightline_actor(), sightline_role(), sightline_user_id();
