"""The SQL of the hottest path, apart so that a reviewer sees what PostgreSQL sees."""

from sqlalchemy import text

TAKE_TURNS = text("SELECT count(pg_advisory_xact_lock(key)) FROM unnest(cast(:keys AS bigint[])) AS key")
"""Held until the transaction ends. The keys in order, so that nobody waits for each other."""

RECORD_TRACKS = text(
    """
    WITH given AS (
        SELECT * FROM unnest(
            cast(:ids AS uuid[]), cast(:cameras AS uuid[]), cast(:first_seen AS timestamptz[]),
            cast(:last_seen AS timestamptz[]), cast(:detections AS int[]), cast(:x AS real[]), cast(:y AS real[]),
            cast(:width AS real[]), cast(:height AS real[]), cast(:frame_width AS int[]), cast(:frame_height AS int[]),
            cast(:quality AS real[]), cast(:subjects AS uuid[]), cast(:similarity AS real[]),
            cast(:candidates AS text[]), cast(:image_paths AS text[]), cast(:frame_paths AS text[]),
            cast(:embeddings AS text[]), cast(:models AS text[]), cast(:closed AS timestamptz[]),
            cast(:media_expires AS timestamptz[]), cast(:partial AS boolean[])
        ) AS t(id, camera_id, first_seen, last_seen, detections, x, y, width, height, frame_width, frame_height,
            quality, subject_id, similarity, candidates, image_path, frame_path, embedding, model, closed_at,
            media_expires_at, is_partial)
    ), placed AS (
        -- A track that is recorded already keeps its first_seen, whatever is given now: it chooses the partition.
        -- The window of a day lets the planner look into one or two partitions only.
        -- A subject that was erased while its match was under way is unknown again.
        SELECT g.*, old.detected_at IS NULL AS is_new, coalesce(old.detected_at, g.first_seen) AS detected_at,
            s.id AS known_subject, old.subject_id AS old_subject, old.confidence AS old_similarity,
            old.candidates AS old_candidates, old.media_expires_at AS old_media_expires_at,
            -- whoever knows a part of the track only takes no name away, but may name it better
            g.is_partial AND old.subject_id IS NOT NULL
                AND (s.id IS NULL OR g.similarity <= coalesce(old.confidence, -1)) AS keeps_name
        FROM given g
        LEFT JOIN LATERAL (
            SELECT o.detected_at, o.subject_id, o.confidence, o.candidates, o.media_expires_at
            FROM sightings o WHERE o.id = g.id
                AND o.detected_at BETWEEN g.first_seen - interval '1 day' AND g.first_seen + interval '1 day'
            ORDER BY o.detected_at LIMIT 1
        ) AS old ON true
        LEFT JOIN subjects s ON s.id = g.subject_id
    ), written AS (
        INSERT INTO sightings AS s (id, camera_id, subject_id, confidence, bounding_box, frame_width, frame_height,
            detections, quality_score, candidates, image_path, frame_path, embedding, model_version, detected_at,
            last_seen_at, closed_at, media_expires_at)
        SELECT id, camera_id, CASE WHEN keeps_name THEN old_subject ELSE known_subject END,
            CASE WHEN keeps_name THEN old_similarity WHEN known_subject IS NOT NULL THEN similarity END,
            ARRAY[x, y, width, height], frame_width, frame_height, detections, quality,
            -- nor is anybody a candidate who was erased meanwhile
            CASE WHEN keeps_name THEN old_candidates ELSE coalesce((SELECT jsonb_agg(c ORDER BY n)
                FROM jsonb_array_elements(cast(candidates AS jsonb)) WITH ORDINALITY AS e(c, n)
                WHERE EXISTS (SELECT FROM subjects k WHERE k.id = cast(c ->> 'subject' AS uuid))), '[]') END,
            image_path, frame_path, CASE WHEN NOT keeps_name THEN cast(embedding AS vector) END,
            CASE WHEN NOT keeps_name THEN model END, detected_at, greatest(last_seen, detected_at),
            closed_at, CASE WHEN keeps_name THEN old_media_expires_at ELSE media_expires_at END
        FROM placed ORDER BY id
        ON CONFLICT (id, detected_at) DO UPDATE SET
            -- what a person decided stays (corrections)
            subject_id = CASE WHEN s.verdict IS NULL THEN excluded.subject_id ELSE s.subject_id END,
            confidence = CASE WHEN s.verdict IS NULL THEN excluded.confidence ELSE s.confidence END,
            bounding_box = excluded.bounding_box,
            frame_width = excluded.frame_width, frame_height = excluded.frame_height,
            detections = greatest(s.detections, excluded.detections),
            quality_score = coalesce(excluded.quality_score, s.quality_score), candidates = excluded.candidates,
            image_path = coalesce(excluded.image_path, s.image_path),
            frame_path = coalesce(excluded.frame_path, s.frame_path),
            -- nor does the template come back of somebody whom the machine took for a known person
            embedding = CASE WHEN s.verdict = 'rejected' AND s.embedding IS NULL THEN NULL
                ELSE coalesce(excluded.embedding, s.embedding) END,
            model_version = CASE WHEN excluded.embedding IS NULL OR s.verdict = 'rejected' AND s.embedding IS NULL
                THEN s.model_version ELSE excluded.model_version END,
            last_seen_at = excluded.last_seen_at,
            -- seen again after it was taken for ended (close_silent): open again
            closed_at = CASE WHEN excluded.last_seen_at > s.last_seen_at THEN excluded.closed_at
                ELSE coalesce(s.closed_at, excluded.closed_at) END,
            media_expires_at = CASE WHEN s.verdict IS NULL THEN excluded.media_expires_at ELSE s.media_expires_at END
        -- an older state that arrives late changes nothing
        WHERE s.last_seen_at <= excluded.last_seen_at AND s.anonymised_at IS NULL
        RETURNING s.id, s.detected_at, s.camera_id, s.subject_id, s.last_seen_at, s.confidence
    ), alerted AS (
        INSERT INTO alerts (sighting_id, sighting_detected_at, camera_id, subject_id, watchlist_id, severity, message,
            matched_at, similarity)
        SELECT DISTINCT ON (w.subject_id, w.camera_id) w.id, w.detected_at, w.camera_id, w.subject_id, l.id,
            CASE l.priority WHEN 5 THEN 'critical' WHEN 4 THEN 'high' WHEN 3 THEN 'medium' ELSE 'low' END,
            -- no name of a person: alerts outlive their subjects
            format('Match on watchlist "%s" at camera "%s"', l.name, c.name), w.last_seen_at, w.confidence
        FROM written w
        JOIN searchable_subjects u ON u.id = w.subject_id
        JOIN subjects s ON s.id = w.subject_id AND s.alert_on_match
        JOIN watchlists l ON l.id = s.watchlist_id
        JOIN cameras c ON c.id = w.camera_id
        WHERE NOT EXISTS (
            SELECT FROM alerts a WHERE a.subject_id = w.subject_id AND a.camera_id = w.camera_id
                AND (a.sighting_id = w.id OR a.matched_at BETWEEN w.last_seen_at - cast(:cooldown AS interval)
                    AND w.last_seen_at + cast(:cooldown AS interval)))
        ORDER BY w.subject_id, w.camera_id, w.last_seen_at
        RETURNING id, sighting_id, camera_id, subject_id, watchlist_id, severity, message
    )
    SELECT
        (SELECT array_agg(w.id) FROM written w JOIN placed p USING (id) WHERE p.is_new) AS created,
        (SELECT array_agg(w.id) FROM written w JOIN placed p USING (id) WHERE NOT p.is_new) AS updated,
        (SELECT array_agg(w.id) FROM written w JOIN placed p USING (id)
            WHERE w.subject_id IS NOT NULL AND p.old_subject IS NULL) AS named,
        (SELECT array_agg(DISTINCT lost) FROM written w JOIN placed p USING (id),
            LATERAL unnest(ARRAY[p.old_subject, p.known_subject]) AS lost
            WHERE lost IS DISTINCT FROM w.subject_id AND lost IS NOT NULL) AS not_seen,
        (SELECT jsonb_agg(to_jsonb(a)) FROM alerted a) AS alerts
    """
)

FORGET_PICTURES = text(
    """
    INSERT INTO object_deletions (object_key, reason)
    SELECT g.key, 'sighting anonymised' FROM unnest(cast(:ids AS uuid[]), cast(:keys AS text[])) AS g(id, key)
    WHERE EXISTS (SELECT FROM sightings s WHERE s.id = g.id AND s.anonymised_at IS NOT NULL
        -- chooses the partitions
        AND s.detected_at BETWEEN cast(:since AS timestamptz) - interval '1 day'
            AND cast(:until AS timestamptz) + interval '1 day')
    """
)
"""Pictures that came after erasure or retention took those of their sighting: no row will speak of them."""

RECORDED_TRACKS = text(
    """
    SELECT id, camera_id, detected_at, last_seen_at, detections, bounding_box, frame_width, frame_height, quality_score,
        subject_id, confidence, candidates, vector_send(embedding) AS template, model_version, image_path, verdict
    FROM sightings
    WHERE id = ANY(cast(:ids AS uuid[])) AND anonymised_at IS NULL
        -- chooses the partitions
        AND detected_at BETWEEN cast(:since AS timestamptz) - interval '1 day'
            AND cast(:until AS timestamptz) + interval '1 day'
    """
)

COUNT_MINUTES = text(
    """
    INSERT INTO camera_minute_counters AS c (camera_id, minute, frames, detections, tracks, recognitions)
    SELECT * FROM unnest(cast(:cameras AS uuid[]), cast(:minutes AS timestamptz[]), cast(:frames AS int[]),
        cast(:detections AS int[]), cast(:tracks AS int[]), cast(:recognitions AS int[]))
    ON CONFLICT (camera_id, minute) DO UPDATE SET frames = c.frames + excluded.frames,
        detections = c.detections + excluded.detections, tracks = c.tracks + excluded.tracks,
        recognitions = c.recognitions + excluded.recognitions
    """
)

CLOSE_SILENT = text(
    """
    UPDATE sightings SET closed_at = last_seen_at
    WHERE closed_at IS NULL AND last_seen_at < now() - cast(:silent_for AS interval)
        -- chooses the partitions; older ones were closed when they were young
        AND detected_at > now() - interval '2 days'
    """
)
