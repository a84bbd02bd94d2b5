-- A sealed login cannot become plain again here: those cameras lose it, and it has to be entered anew.
DROP FUNCTION gallery_size(text);
DROP TRIGGER notify_change ON cameras;
CREATE TRIGGER notify_change AFTER INSERT OR DELETE
    OR UPDATE OF name, stream_url, detection_enabled, recognition_enabled, config, removed_at ON cameras
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('sightline_cameras');
DROP TRIGGER guard_camera ON cameras;
DROP FUNCTION guard_camera();
DELETE FROM camera_credentials WHERE sealed IS NOT NULL;
DROP TRIGGER audit_trigger ON camera_credentials;
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON camera_credentials
    FOR EACH ROW EXECUTE FUNCTION audit_trigger('camera_id', 'username,password', '');
ALTER TABLE camera_credentials
    DROP CONSTRAINT camera_credentials_sealed_or_plain,
    DROP COLUMN sealed,
    ALTER COLUMN username SET NOT NULL,
    ALTER COLUMN password SET NOT NULL;
DROP INDEX ix_cameras_created_at;
DROP INDEX ix_cameras_last_seen_at;
ALTER TABLE cameras DROP COLUMN time_zone, DROP COLUMN has_credentials, DROP COLUMN address_trusted;
