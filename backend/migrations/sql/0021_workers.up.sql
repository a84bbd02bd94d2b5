-- Workers that share cameras: a fencing token per lease, and how fast a camera is analysed right now.

-- Leases live in Redis; their tokens come from here, so that they rise even when Redis lost its data.
CREATE SEQUENCE lease_tokens;

CREATE FUNCTION next_lease_token() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_role('worker');
    RETURN nextval('lease_tokens');
END
$$;
REVOKE EXECUTE ON FUNCTION next_lease_token() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION next_lease_token() TO sightline_app;

ALTER TABLE cameras
    -- Of the worker that wrote the status last: one with a lower token was paused meanwhile, and is refused.
    ADD COLUMN lease_token bigint NOT NULL DEFAULT 0,
    -- Frames per second; less than the settings say while detection is behind, null where nobody says.
    ADD COLUMN sample_rate_now real CHECK (sample_rate_now > 0);

-- Neither is a change that people make or that makes their copy of the record old.
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
DROP TRIGGER audit_trigger ON cameras;
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON cameras
    FOR EACH ROW EXECUTE FUNCTION audit_trigger('id', '', 'last_seen_at,lease_token,sample_rate_now');

-- false: a worker with a newer lease has written since, and nothing was changed.
CREATE FUNCTION put_camera_state(
    camera_id uuid, status text, status_message text, fps real, resolution text, sample_rate_now real,
    lease_token bigint
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_role('worker');
    UPDATE cameras c SET status = put_camera_state.status, status_message = put_camera_state.status_message,
        fps = coalesce(put_camera_state.fps, c.fps), resolution = coalesce(put_camera_state.resolution, c.resolution),
        sample_rate_now = put_camera_state.sample_rate_now, lease_token = put_camera_state.lease_token
    WHERE c.id = put_camera_state.camera_id AND c.lease_token <= put_camera_state.lease_token;
    RETURN FOUND OR NOT EXISTS (SELECT FROM cameras c WHERE c.id = put_camera_state.camera_id);
END
$$;
REVOKE EXECUTE ON FUNCTION put_camera_state(uuid, text, text, real, text, real, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION put_camera_state(uuid, text, text, real, text, real, bigint) TO sightline_app;
