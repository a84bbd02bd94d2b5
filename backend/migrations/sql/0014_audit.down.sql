-- What still waits is sealed first: the deferred trigger seals new events only.
SELECT seal_audit_events(2147483647);

CREATE INDEX ix_audit_logs_user_id ON audit_logs (user_id);
DROP INDEX ix_audit_logs_user_created, ix_audit_logs_action;
DROP VIEW audit_entries;
CREATE VIEW audit_entries WITH (security_invoker = true) AS
SELECT a.id, a.user_id, a.actor, a.action, a.table_name, a.record_id, a.row_count, p.old_values, p.new_values,
    p.erased_at, a.ip_address, a.user_agent, a.created_at, c.position
FROM audit_logs a LEFT JOIN audit_payloads p ON p.audit_id = a.id LEFT JOIN audit_chain c ON c.audit_id = a.id;
GRANT SELECT ON audit_entries TO sightline_app;

DROP FUNCTION seal_audit_events(int);
DROP TRIGGER audit_queue ON audit_logs;
DROP FUNCTION audit_queue();
DROP TABLE audit_pending;

CREATE FUNCTION audit_seal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head audit_chain;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('sightline.audit_chain'));
    SELECT * INTO head FROM audit_chain ORDER BY position DESC LIMIT 1;
    INSERT INTO audit_chain (position, audit_id, digest) VALUES (
        coalesce(head.position, 0) + 1, NEW.id,
        sha256(coalesce(head.digest, ''::bytea) || convert_to(audit_text(NEW), 'UTF8')));
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER audit_seal AFTER INSERT ON audit_logs DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION audit_seal();
