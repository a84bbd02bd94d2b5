-- Events are sealed into the chain after the fact, by maintenance, so that writers never wait for each other: the
-- deferred trigger of 0004 took one lock for all at every commit. What waits is listed in audit_pending; the chain's
-- order is that of sealing. An event that waits for long, or that neither waits nor is sealed, is tampering.

DROP TRIGGER audit_seal ON audit_logs;
DROP FUNCTION audit_seal();

CREATE TABLE audit_pending (
    audit_id uuid PRIMARY KEY REFERENCES audit_logs,
    queued_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ix_audit_pending_queued_at ON audit_pending (queued_at);
ALTER TABLE audit_pending ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_pending FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_everything ON audit_pending TO sightline_owner USING (true) WITH CHECK (true);
GRANT SELECT ON audit_pending TO sightline_app;
CREATE POLICY read ON audit_pending FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'auditor', 'maintenance'));

CREATE FUNCTION audit_queue() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO audit_pending (audit_id) VALUES (NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER audit_queue AFTER INSERT ON audit_logs FOR EACH ROW EXECUTE FUNCTION audit_queue();

-- seal_audit_events(how many at most): appends what waits to the chain, the oldest first; returns how many.
-- Two at once: the second waits for the first, and seals what is left.
CREATE FUNCTION seal_audit_events(most int DEFAULT 1000) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head audit_chain;
    event audit_logs;
    sealed integer := 0;
    place bigint;
    last_digest bytea;
BEGIN
    PERFORM require_role('admin', 'auditor', 'system', 'maintenance');
    PERFORM pg_advisory_xact_lock(hashtext('sightline.audit_chain'));
    SELECT * INTO head FROM audit_chain ORDER BY position DESC LIMIT 1;
    place := coalesce(head.position, 0);
    last_digest := coalesce(head.digest, ''::bytea);
    FOR event IN
        SELECT a.* FROM audit_pending p JOIN audit_logs a ON a.id = p.audit_id ORDER BY p.queued_at, p.audit_id LIMIT most
    LOOP
        place := place + 1;
        last_digest := sha256(last_digest || convert_to(audit_text(event), 'UTF8'));
        INSERT INTO audit_chain (position, audit_id, digest) VALUES (place, event.id, last_digest);
        DELETE FROM audit_pending WHERE audit_id = event.id;
        sealed := sealed + 1;
    END LOOP;
    RETURN sealed;
END
$$;

-- What auditors read, now with the person whom an event tells about.
DROP VIEW audit_entries;
CREATE VIEW audit_entries WITH (security_invoker = true) AS
SELECT a.id, a.user_id, a.actor, a.action, a.table_name, a.record_id, a.row_count, p.subject_id, p.old_values,
    p.new_values, p.erased_at, a.ip_address, a.user_agent, a.created_at, c.position
FROM audit_logs a LEFT JOIN audit_payloads p ON p.audit_id = a.id LEFT JOIN audit_chain c ON c.audit_id = a.id;
GRANT SELECT ON audit_entries TO sightline_app;

CREATE INDEX ix_audit_logs_action ON audit_logs (action, created_at DESC, id DESC);
CREATE INDEX ix_audit_logs_user_created ON audit_logs (user_id, created_at DESC, id DESC);
DROP INDEX ix_audit_logs_user_id;
