DROP TRIGGER set_updated_at ON cameras;
CREATE TRIGGER set_updated_at BEFORE UPDATE ON cameras FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE OR REPLACE FUNCTION set_updated_at() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    touched CONSTANT text[] := ARRAY[
        'last_seen_at', 'last_login_at', 'last_used_at', 'updated_at', 'lease_token', 'sample_rate_now'
    ];
BEGIN
    IF to_jsonb(NEW) - touched IS DISTINCT FROM to_jsonb(OLD) - touched THEN
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END
$$;
