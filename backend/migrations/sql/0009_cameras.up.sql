-- Cameras that people manage: logins sealed by the application, a time zone, and who put the address there.

ALTER TABLE cameras
    ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC' CHECK (time_zone <> ''),
    -- Whether a login is kept for it: those who may not read the login may know that.
    ADD COLUMN has_credentials boolean NOT NULL DEFAULT false,
    -- Put in by the machine's own command line, which may name files, webcams and this machine itself.
    ADD COLUMN address_trusted boolean NOT NULL DEFAULT false;

UPDATE cameras c SET address_trusted = true,
    has_credentials = EXISTS (SELECT FROM camera_credentials k WHERE k.camera_id = c.id);

CREATE INDEX ix_cameras_last_seen_at ON cameras (coalesce(last_seen_at, '1970-01-01 00:00:00+00'::timestamptz), id);
CREATE INDEX ix_cameras_created_at ON cameras (created_at, id);

-- Sealed by the application (core/sealing.py): SQL has no key, so older rows stay plain until `sightline up` or a
-- worker starts and seals them. `sightline doctor` tells where one is left.
ALTER TABLE camera_credentials
    ALTER COLUMN username DROP NOT NULL,
    ALTER COLUMN password DROP NOT NULL,
    ADD COLUMN sealed bytea,
    ADD CONSTRAINT camera_credentials_sealed_or_plain
        CHECK ((sealed IS NULL) = (username IS NOT NULL) AND (sealed IS NULL) = (password IS NOT NULL));
DROP TRIGGER audit_trigger ON camera_credentials;
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON camera_credentials
    FOR EACH ROW EXECUTE FUNCTION audit_trigger('camera_id', 'username,password,sealed', '');

-- Operators switch cameras on and off and change nothing else; nobody but the machine itself vouches for an address.
CREATE FUNCTION guard_camera() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    role CONSTANT text := sightline_role();
    theirs CONSTANT text[] := ARRAY['detection_enabled', 'updated_at'];
BEGIN
    IF role = 'operator' AND current_user = 'sightline_app' AND to_jsonb(NEW) - theirs <> to_jsonb(OLD) - theirs THEN
        RAISE EXCEPTION 'operators switch cameras on and off only' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF role = 'admin' AND NEW.address_trusted
            AND (TG_OP = 'INSERT' OR NOT OLD.address_trusted OR NEW.stream_url <> OLD.stream_url) THEN
        RAISE EXCEPTION 'only the machine itself vouches for an address' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_camera BEFORE INSERT OR UPDATE ON cameras FOR EACH ROW EXECUTE FUNCTION guard_camera();

-- A new time zone or another trust in the address is news to workers too.
DROP TRIGGER notify_change ON cameras;
CREATE TRIGGER notify_change AFTER INSERT OR DELETE
    OR UPDATE OF name, stream_url, detection_enabled, recognition_enabled, config, time_zone, address_trusted, removed_at
    ON cameras FOR EACH STATEMENT EXECUTE FUNCTION notify_change('sightline_cameras');

-- How many templates of a model are searched: a number for everybody who may read cameras, who may not read templates.
CREATE FUNCTION gallery_size(model text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*) FROM images i JOIN searchable_subjects s ON s.id = i.subject_id
    WHERE i.model_version = model AND i.embedding IS NOT NULL AND sightline_role() <> 'nobody'
$$;
REVOKE EXECUTE ON FUNCTION gallery_size(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gallery_size(text) TO sightline_app;
