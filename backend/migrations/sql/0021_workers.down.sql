DROP FUNCTION put_camera_state(uuid, text, text, real, text, real, bigint);
DROP TRIGGER audit_trigger ON cameras;
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON cameras
    FOR EACH ROW EXECUTE FUNCTION audit_trigger('id', '', 'last_seen_at');
CREATE OR REPLACE FUNCTION set_updated_at() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    touched CONSTANT text[] := ARRAY['last_seen_at', 'last_login_at', 'last_used_at', 'updated_at'];
BEGIN
    IF to_jsonb(NEW) - touched IS DISTINCT FROM to_jsonb(OLD) - touched THEN
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END
$$;
ALTER TABLE cameras DROP COLUMN sample_rate_now, DROP COLUMN lease_token;
DROP FUNCTION next_lease_token();
DROP SEQUENCE lease_tokens;
