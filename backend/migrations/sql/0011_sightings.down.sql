CREATE OR REPLACE FUNCTION purge_expired_media() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    cleared bigint;
BEGIN
    PERFORM require_role('admin', 'system', 'maintenance');
    PERFORM set_config('sightline.batch', 'on', true);
    WITH due AS (
        SELECT id, detected_at, image_path, frame_path FROM sightings WHERE media_expires_at <= now() FOR UPDATE
    ), queued AS (
        INSERT INTO object_deletions (object_key, reason)
        SELECT key, 'unknown person' FROM due, LATERAL (VALUES (due.image_path), (due.frame_path)) AS o(key) WHERE key IS NOT NULL
    )
    UPDATE sightings s SET image_path = NULL, frame_path = NULL, embedding = NULL, model_version = NULL,
        media_expires_at = NULL, anonymised_at = now()
    FROM due WHERE s.id = due.id AND s.detected_at = due.detected_at;
    GET DIAGNOSTICS cleared = ROW_COUNT;
    PERFORM set_config('sightline.batch', '', true);
    RETURN cleared;
END
$$;
DROP FUNCTION find_similar_sightings(vector, float, int, timestamptz, timestamptz, uuid[], text);
DROP FUNCTION nearest_sightings(vector, text, int, uuid[], timestamptz, timestamptz);
DROP FUNCTION sighting_spans(timestamptz, timestamptz);
DROP TRIGGER clear_correction_notes ON subjects;
DROP FUNCTION clear_correction_notes();
DROP TABLE search_requests;
DROP TABLE sighting_corrections;
DROP INDEX ix_sightings_with_template;
DROP INDEX ix_sightings_verdict;
DROP INDEX ix_sightings_known;
DROP INDEX ix_sightings_open;
ALTER TABLE sightings
    DROP CONSTRAINT sightings_verdict_has_its_time,
    DROP COLUMN corrected_at,
    DROP COLUMN verdict;
