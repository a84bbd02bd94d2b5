-- Search and statistics. They run with the caller's rights, so that row level security holds inside them.

-- Loads pgvector's library, without which only a superuser may mention hnsw.ef_search below.
SELECT '[1]'::vector;

-- Raises unless the application acts for one of these roles; any other database login has rights of its own.
CREATE FUNCTION require_role(VARIADIC allowed text[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    IF sightline_actor() NOT LIKE 'database:%' AND sightline_role() <> ALL (allowed) THEN
        RAISE EXCEPTION 'not allowed for %', sightline_role() USING ERRCODE = 'insufficient_privilege';
    END IF;
END
$$;

-- The model whose templates are searched when the caller names none.
CREATE FUNCTION active_model_version() RETURNS text LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT value #>> '{}' FROM settings WHERE key = 'recognition.active_model_version'
$$;

-- Subjects that may be recognised: active, and on no list or on one that is active and has not expired.
CREATE VIEW searchable_subjects WITH (security_invoker = true) AS
SELECT s.id, s.name, s.watchlist_id FROM subjects s
WHERE s.status = 'active' AND (s.watchlist_id IS NULL OR s.watchlist_id IN
    (SELECT w.id FROM watchlists w WHERE w.is_active AND w.expires_at > now()));

-- The closest images of a model, in index order. The planner takes the policies for so selective that it would sort
-- the whole table instead (60 ms instead of 8 for 20,000 templates), hence enable_sort and enable_seqscan.
-- ef_search 100: recall@1 was 1.000 from 40 on with 20,000 templates (`bench vectors`), 100 leaves room;
-- the iterative scan goes on when filters remove rows.
CREATE FUNCTION nearest_images(probe vector, wanted_model text, wanted int)
RETURNS TABLE (subject_id uuid, similarity float, image_id uuid)
LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp
SET enable_sort = off
SET enable_seqscan = off
SET hnsw.ef_search = 100
SET hnsw.iterative_scan = strict_order
SET hnsw.max_scan_tuples = 200000
SET ivfflat.probes = 20
SET ivfflat.iterative_scan = relaxed_order
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT i.subject_id, 1 - (i.embedding <=> probe), i.id FROM images i
    WHERE i.embedding IS NOT NULL AND i.model_version = wanted_model
        AND EXISTS (SELECT FROM searchable_subjects s WHERE s.id = i.subject_id)
    ORDER BY i.embedding <=> probe LIMIT wanted;
END
$$;

-- The same for one watchlist, exactly: few rows are left, which are faster compared than looked for in the index.
CREATE FUNCTION nearest_images_of_watchlist(probe vector, wanted_model text, wanted int, wanted_list int)
RETURNS TABLE (subject_id uuid, similarity float, image_id uuid)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH listed AS MATERIALIZED (
        SELECT i.subject_id, 1 - (i.embedding <=> probe) AS similarity, i.id
        FROM searchable_subjects s JOIN images i ON i.subject_id = s.id
        WHERE s.watchlist_id = wanted_list AND i.embedding IS NOT NULL AND i.model_version = wanted_model
    )
    SELECT subject_id, similarity, id FROM listed ORDER BY similarity DESC LIMIT wanted
$$;

-- find_similar_faces(probe, least similarity, how many subjects): ranked subjects with their closest template.
-- Candidates come with a LIMIT from a materialised CTE, threshold and ranking stand outside. Eight templates per
-- wanted subject are fetched (at least 40), because one subject may own several.
CREATE FUNCTION find_similar_faces(
    embedding vector(512), threshold float, top_k int,
    model_version text DEFAULT NULL, only_watchlist int DEFAULT NULL
) RETURNS TABLE (subject_id uuid, confidence float, image_id uuid)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    wanted_model text := coalesce(find_similar_faces.model_version, active_model_version());
    wanted int := greatest(40, 8 * top_k);
BEGIN
    IF wanted_model IS NULL THEN
        RAISE EXCEPTION 'no model version given and no active one set' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN QUERY
    WITH nearest AS MATERIALIZED (
        SELECT n.subject_id, n.similarity, n.image_id
        FROM nearest_images(find_similar_faces.embedding, wanted_model, wanted) n WHERE only_watchlist IS NULL
        UNION ALL
        SELECT n.subject_id, n.similarity, n.image_id
        FROM nearest_images_of_watchlist(find_similar_faces.embedding, wanted_model, wanted, only_watchlist) n
        WHERE only_watchlist IS NOT NULL
    ), best AS (
        SELECT DISTINCT ON (n.subject_id) n.subject_id, n.similarity, n.image_id FROM nearest n
        ORDER BY n.subject_id, n.similarity DESC
    )
    SELECT b.subject_id, b.similarity, b.image_id FROM best b
    WHERE b.similarity >= threshold ORDER BY b.similarity DESC, b.subject_id LIMIT top_k;
END
$$;

-- Detections (from the counters) and recognitions (sightings with a subject) per day in UTC; camera null: all.
CREATE FUNCTION get_sighting_stats(camera_id uuid, from_date date, to_date date)
RETURNS TABLE (day date, detections bigint, recognitions bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH span AS (
        SELECT get_sighting_stats.from_date::timestamp AT TIME ZONE 'UTC' AS begins,
               (get_sighting_stats.to_date + 1)::timestamp AT TIME ZONE 'UTC' AS ends
    ), counted AS (
        SELECT (c.minute AT TIME ZONE 'UTC')::date AS day, sum(c.detections) AS detections
        FROM camera_minute_counters c, span
        WHERE c.minute >= begins AND c.minute < ends
            AND (get_sighting_stats.camera_id IS NULL OR c.camera_id = get_sighting_stats.camera_id)
        GROUP BY 1
    ), recognised AS (
        SELECT (s.detected_at AT TIME ZONE 'UTC')::date AS day, count(*) AS recognitions
        FROM sightings s, span
        WHERE s.detected_at >= begins AND s.detected_at < ends AND s.subject_id IS NOT NULL
            AND (get_sighting_stats.camera_id IS NULL OR s.camera_id = get_sighting_stats.camera_id)
        GROUP BY 1
    )
    SELECT d::date, coalesce(counted.detections, 0)::bigint, coalesce(recognised.recognitions, 0)
    FROM generate_series(get_sighting_stats.from_date::timestamp, get_sighting_stats.to_date::timestamp, '1 day') AS d
    LEFT JOIN counted ON counted.day = d::date LEFT JOIN recognised ON recognised.day = d::date
    ORDER BY d
$$;

-- Rebuilds both vector indexes as 'hnsw' (default) or 'ivfflat' (on filled tables only: its centroids come from
-- the rows that are there). About one list per thousand rows, as pgvector advises.
CREATE FUNCTION set_vector_index(kind text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    name text;
    lists integer;
BEGIN
    PERFORM require_role('admin', 'system');
    IF kind NOT IN ('hnsw', 'ivfflat') THEN
        RAISE EXCEPTION 'unknown vector index %, use hnsw or ivfflat', kind USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOREACH name IN ARRAY ARRAY['images', 'sightings'] LOOP
        EXECUTE format('SELECT greatest(1, count(embedding) / 1000) FROM %I', name) INTO lists;
        EXECUTE format('DROP INDEX IF EXISTS %I', 'ix_' || name || '_embedding');
        EXECUTE format('CREATE INDEX %I ON %I USING %s (embedding vector_cosine_ops) WITH (%s)',
            'ix_' || name || '_embedding', name, kind,
            CASE kind WHEN 'hnsw' THEN 'm = 16, ef_construction = 64' ELSE 'lists = ' || lists END);
    END LOOP;
END
$$;

-- A number that changes whenever the gallery of a model does. Workers are told by NOTIFY and compare this when they
-- come back from a lost connection.
CREATE FUNCTION gallery_fingerprint(model_version text) RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(sum(hashtextextended(i.id::text || i.updated_at::text || s.name, 0)::numeric) % 9007199254740991, 0)::bigint
    FROM images i JOIN searchable_subjects s ON s.id = i.subject_id
    WHERE i.model_version = gallery_fingerprint.model_version AND i.embedding IS NOT NULL
$$;

-- Tells listeners, after commit, that the gallery or the cameras changed; equal messages of one transaction are one.
CREATE FUNCTION notify_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify(TG_ARGV[0], '');
    RETURN NULL;
END
$$;
CREATE TRIGGER notify_change AFTER INSERT OR UPDATE OR DELETE ON images
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('sightline_gallery');
CREATE TRIGGER notify_change AFTER INSERT OR DELETE OR UPDATE OF name, status, watchlist_id, alert_on_match ON subjects
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('sightline_gallery');
CREATE TRIGGER notify_change AFTER INSERT OR UPDATE OR DELETE ON watchlists
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('sightline_gallery');
CREATE TRIGGER notify_change AFTER INSERT OR DELETE
    OR UPDATE OF name, stream_url, detection_enabled, recognition_enabled, config, removed_at ON cameras
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('sightline_cameras');
CREATE TRIGGER notify_change AFTER INSERT OR UPDATE OR DELETE ON camera_credentials
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('sightline_cameras');

-- What a worker may change outside of its own tables, and nothing else of those rows.
CREATE FUNCTION mark_seen(camera_ids uuid[], subject_ids uuid[], seen_at timestamptz[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_role('worker', 'system', 'admin');
    UPDATE cameras c SET last_seen_at = latest.at
    FROM (SELECT id, max(at) AS at FROM unnest(camera_ids, seen_at) AS t(id, at) GROUP BY id ORDER BY id) AS latest
    WHERE c.id = latest.id AND (c.last_seen_at IS NULL OR c.last_seen_at < latest.at);
    UPDATE subjects s SET last_seen_at = latest.at
    FROM (SELECT id, max(at) AS at FROM unnest(subject_ids, seen_at) AS t(id, at) GROUP BY id ORDER BY id) AS latest
    WHERE s.id = latest.id AND (s.last_seen_at IS NULL OR s.last_seen_at < latest.at);
END
$$;

CREATE FUNCTION set_camera_status(
    camera_id uuid, status text, status_message text DEFAULT '', fps real DEFAULT NULL, resolution text DEFAULT NULL
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_role('worker', 'system', 'admin');
    UPDATE cameras c SET status = set_camera_status.status, status_message = set_camera_status.status_message,
        fps = coalesce(set_camera_status.fps, c.fps), resolution = coalesce(set_camera_status.resolution, c.resolution)
    WHERE c.id = set_camera_status.camera_id;
END
$$;

GRANT SELECT ON searchable_subjects TO sightline_app;
