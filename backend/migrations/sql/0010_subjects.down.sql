DROP FUNCTION activate_model_version(text), merge_subjects(uuid, uuid), rename_candidate(uuid, uuid);
DROP TABLE subject_merges;
DROP FUNCTION erase_merged_payloads();
DROP VIEW watchlist_sizes, image_entries;
DROP TRIGGER notify_change ON subjects;
CREATE OR REPLACE VIEW searchable_subjects WITH (security_invoker = true) AS
SELECT s.id, s.name, s.watchlist_id FROM subjects s
WHERE s.status = 'active' AND (s.watchlist_id IS NULL OR s.watchlist_id IN
    (SELECT w.id FROM watchlists w WHERE w.is_active AND w.expires_at > now()));
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE OF name, status, watchlist_id, alert_on_match ON subjects
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('sightline_gallery');
ALTER TABLE images
    DROP COLUMN width, DROP COLUMN height, DROP COLUMN bounding_box, DROP COLUMN eye_distance, DROP COLUMN sharpness,
    DROP COLUMN frontality, DROP COLUMN exposure, DROP COLUMN pixels_digest;
DROP INDEX ix_images_model_version;
CREATE INDEX ix_images_model_version ON images (model_version);
DROP INDEX ix_subjects_name, ix_subjects_created_at;
ALTER TABLE subjects DROP COLUMN expires_at;
