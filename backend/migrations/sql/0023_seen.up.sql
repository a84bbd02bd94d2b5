-- When people were last seen, after a track lost or changed its name: as far as their sightings go.
CREATE FUNCTION review_seen(subject_ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_role('worker', 'system', 'admin', 'operator');
    -- Whoever holds one of these rows is marking the person as seen now, and waiting for each other would be a deadlock.
    UPDATE subjects s SET last_seen_at = (
        SELECT max(g.last_seen_at) FROM sightings g
        WHERE g.subject_id = s.id
            -- chooses the partitions: a track does not go on for longer
            AND g.detected_at >= (SELECT max(n.detected_at) FROM sightings n WHERE n.subject_id = s.id)
                - interval '1 day')
    WHERE s.id IN (SELECT id FROM subjects WHERE id = ANY(subject_ids) FOR UPDATE SKIP LOCKED);
END
$$;
