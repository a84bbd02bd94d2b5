-- Sightings that people correct, and search over history by face.

-- What a person decided about a sighting: the machine's later updates of the same track keep off it.
ALTER TABLE sightings
    ADD COLUMN verdict text CONSTRAINT sightings_verdict_check CHECK (verdict IN ('confirmed', 'rejected', 'assigned')),
    ADD COLUMN corrected_at timestamptz,
    ADD CONSTRAINT sightings_verdict_has_its_time CHECK ((verdict IS NULL) = (corrected_at IS NULL));

-- Lists that leave most rows out have an index of those that stay.
CREATE INDEX ix_sightings_open ON sightings (detected_at DESC, id DESC) WHERE closed_at IS NULL;
CREATE INDEX ix_sightings_known ON sightings (detected_at DESC, id DESC) INCLUDE (camera_id, confidence)
    WHERE subject_id IS NOT NULL;   -- a rare similarity is looked for in the index alone
CREATE INDEX ix_sightings_verdict ON sightings (detected_at DESC, id DESC) WHERE verdict IS NOT NULL;
-- Counts and fetches the templates of some cameras in a span without looking at the rows that have none.
CREATE INDEX ix_sightings_with_template ON sightings (camera_id, detected_at) WHERE embedding IS NOT NULL;

-- Every decision, also one that was taken back. No foreign key to sightings: partitions are dropped whole.
CREATE TABLE sighting_corrections (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    sighting_id uuid NOT NULL,
    detected_at timestamptz NOT NULL,
    camera_id uuid NOT NULL REFERENCES cameras ON DELETE CASCADE,
    verdict text NOT NULL CHECK (verdict IN ('confirmed', 'rejected', 'assigned', 'undone')),
    subject_id uuid REFERENCES subjects ON DELETE SET NULL,           -- who it is by this decision; null: unknown
    machine_subject_id uuid REFERENCES subjects ON DELETE SET NULL,   -- whom the machine had recognised
    machine_similarity real,
    machine_media_expires_at timestamptz,
    note text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    decided_by uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()         -- several of one transaction have an order
);
CREATE INDEX ix_sighting_corrections_sighting ON sighting_corrections (sighting_id, created_at);
CREATE INDEX ix_sighting_corrections_camera_id ON sighting_corrections (camera_id, detected_at);
CREATE INDEX ix_sighting_corrections_detected_at ON sighting_corrections (detected_at);
CREATE INDEX ix_sighting_corrections_subject_id ON sighting_corrections (subject_id);
CREATE INDEX ix_sighting_corrections_machine_subject_id ON sighting_corrections (machine_subject_id);
CREATE INDEX ix_sighting_corrections_decided_by ON sighting_corrections (decided_by);

-- Searches that wait for a second person. The probe is sealed by the application and goes when its time is over.
CREATE TABLE search_requests (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    requested_by uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose <> '' AND length(purpose) <= 200),
    probe bytea,
    model_version text NOT NULL,
    camera_ids uuid[],                    -- null: every camera that the requester may see
    since timestamptz,
    until timestamptz,
    min_similarity real NOT NULL CHECK (min_similarity BETWEEN -1 AND 1),
    top_k integer NOT NULL CHECK (top_k BETWEEN 1 AND 100),
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'denied', 'expired')),
    decided_by uuid REFERENCES users ON DELETE SET NULL,
    decided_at timestamptz,
    note text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT search_requests_need_two_people CHECK (decided_by <> requested_by)
);
CREATE INDEX ix_search_requests_created_at ON search_requests (created_at DESC, id DESC);
CREATE INDEX ix_search_requests_requested_by ON search_requests (requested_by);
CREATE INDEX ix_search_requests_decided_by ON search_requests (decided_by);
CREATE INDEX ix_search_requests_expires_at ON search_requests (expires_at) WHERE probe IS NOT NULL;
CREATE TRIGGER set_updated_at BEFORE UPDATE ON search_requests FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- A note may speak of the person: it goes with them, and is never copied into the audit log.
CREATE FUNCTION clear_correction_notes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE sighting_corrections SET note = ''
    WHERE note <> '' AND (subject_id = OLD.id OR machine_subject_id = OLD.id);
    RETURN OLD;
END
$$;
CREATE TRIGGER clear_correction_notes BEFORE DELETE ON subjects FOR EACH ROW EXECUTE FUNCTION clear_correction_notes();

CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON sighting_corrections FOR EACH ROW
    EXECUTE FUNCTION audit_trigger('id', 'machine_subject_id,note', '');
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON search_requests FOR EACH ROW
    EXECUTE FUNCTION audit_trigger('id', 'probe', '');

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['sighting_corrections', 'search_requests'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY owner_everything ON %I TO sightline_owner USING (true) WITH CHECK (true)', name);
        EXECUTE format('REVOKE ALL ON %I FROM PUBLIC, sightline_app', name);
    END LOOP;
END
$$;
GRANT SELECT, INSERT ON sighting_corrections TO sightline_app;
GRANT SELECT, INSERT, UPDATE ON search_requests TO sightline_app;

-- Decisions are added, never changed. Who sees the camera sees them; operators make them, in their own name.
CREATE POLICY by_group ON sighting_corrections FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('operator', 'viewer') AND camera_id IN (SELECT c.id FROM cameras c));
CREATE POLICY decide ON sighting_corrections FOR INSERT TO sightline_app
    WITH CHECK ((SELECT sightline_role()) = 'operator' AND camera_id IN (SELECT c.id FROM cameras c)
        AND decided_by = (SELECT sightline_user_id()));
CREATE POLICY manage ON sighting_corrections FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system'));

-- Asked for in one's own name; decided by another one, once.
CREATE POLICY read ON search_requests FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'operator', 'system'));
CREATE POLICY ask ON search_requests FOR INSERT TO sightline_app
    WITH CHECK ((SELECT sightline_role()) IN ('admin', 'operator') AND requested_by = (SELECT sightline_user_id())
        AND status = 'pending' AND decided_by IS NULL);
CREATE POLICY decide ON search_requests FOR UPDATE TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'operator') AND status = 'pending'
        AND requested_by <> (SELECT sightline_user_id()))
    WITH CHECK ((SELECT sightline_role()) IN ('admin', 'operator') AND decided_by = (SELECT sightline_user_id()));

CREATE POLICY manage ON search_requests FOR ALL TO sightline_app USING ((SELECT sightline_role()) = 'system');

-- Spans of time that lie in one partition each (the months, and what is before, between and after them), within
-- [since, until). A search per span reads one partition and knows how many templates it has to look at there.
CREATE FUNCTION sighting_spans(since timestamptz, until timestamptz)
RETURNS TABLE (begins timestamptz, ends timestamptz)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH months AS (
        SELECT make_timestamptz(substr(c.relname, 11, 4)::int, substr(c.relname, 16, 2)::int, 1, 0, 0, 0, 'UTC') AS at
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'sightings'::regclass AND c.relname ~ '^sightings_[0-9]{4}_[0-9]{2}$'
    ), edges AS (
        SELECT at FROM months
        UNION SELECT (at AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC' FROM months
        UNION SELECT '-infinity' UNION SELECT 'infinity'
    ), spans AS (
        SELECT greatest(at, since) AS begins, least(lead(at) OVER (ORDER BY at), until) AS ends FROM edges
    )
    SELECT s.begins, s.ends FROM spans s WHERE s.begins < s.ends ORDER BY s.begins DESC
$$;

-- The closest sightings of one span, as the caller may see them. Up to few_rows templates are compared one by one,
-- exactly; more are looked for in the vector index, whose iterative scan goes on where filters remove rows. So a
-- filter that leaves almost nothing never walks the whole graph: at 5,000 of 20,000 templates a month it meets four
-- rows per one that counts. ef_search 120: with 500,000 templates in 24 months recall@10 of a search over all of them
-- was 0.992, with 80 0.963, with 40 0.854 (docs/evaluation.md). The planner takes the policies for so selective that it would sort everything instead,
-- hence enable_sort and enable_seqscan. One plan serves all spans and is pruned when it starts: to plan for two years of
-- partitions again for each span took 60 ms of each.
CREATE FUNCTION nearest_sightings(
    probe vector, wanted_model text, wanted int, wanted_cameras uuid[], begins timestamptz, ends timestamptz
) RETURNS TABLE (id uuid, detected_at timestamptz, similarity float)
LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_sort = off
SET enable_seqscan = off
SET hnsw.ef_search = 120
SET hnsw.iterative_scan = relaxed_order
SET hnsw.max_scan_tuples = 200000
SET ivfflat.probes = 20
SET ivfflat.iterative_scan = relaxed_order
AS $$
#variable_conflict use_column
DECLARE
    few_rows CONSTANT int := 5000;
    counted int;
BEGIN
    SELECT count(*) INTO counted FROM (
        SELECT FROM sightings s WHERE s.embedding IS NOT NULL AND s.camera_id = ANY (wanted_cameras)
            AND s.detected_at >= begins AND s.detected_at < ends LIMIT few_rows + 1) AS met;
    IF counted = 0 THEN
        RETURN;
    ELSIF counted <= few_rows THEN
        RETURN QUERY
        WITH compared AS MATERIALIZED (
            SELECT s.id, s.detected_at, 1 - (s.embedding <=> probe) AS similarity FROM sightings s
            WHERE s.embedding IS NOT NULL AND s.camera_id = ANY (wanted_cameras)
                AND s.detected_at >= begins AND s.detected_at < ends AND s.model_version = wanted_model
        )
        SELECT c.id, c.detected_at, c.similarity FROM compared c ORDER BY c.similarity DESC LIMIT wanted;
    ELSE
        RETURN QUERY
        SELECT s.id, s.detected_at, 1 - (s.embedding <=> probe) FROM sightings s
        WHERE s.embedding IS NOT NULL AND s.camera_id = ANY (wanted_cameras)
            AND s.detected_at >= begins AND s.detected_at < ends AND s.model_version = wanted_model
        ORDER BY s.embedding <=> probe LIMIT wanted;
    END IF;
END
$$;

-- find_similar_sightings(probe, least similarity, how many, from, to, cameras, model): past sightings, the closest
-- first. Times and cameras may be null: all. Row level security holds: it runs with the caller's rights.
CREATE FUNCTION find_similar_sightings(
    probe vector(512), threshold float, top_k int, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL,
    camera_ids uuid[] DEFAULT NULL, model_version text DEFAULT NULL
) RETURNS TABLE (id uuid, detected_at timestamptz, similarity float)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    wanted_model text := coalesce(find_similar_sightings.model_version, active_model_version());
    visible uuid[] := ARRAY(SELECT c.id FROM cameras c WHERE camera_ids IS NULL OR c.id = ANY (camera_ids));
BEGIN
    IF wanted_model IS NULL THEN
        RAISE EXCEPTION 'no model version given and no active one set' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN QUERY
    WITH nearest AS MATERIALIZED (
        SELECT n.id, n.detected_at, n.similarity
        FROM sighting_spans(coalesce(find_similar_sightings.since, '-infinity'),
                coalesce(find_similar_sightings.until, 'infinity')) AS p,
            nearest_sightings(find_similar_sightings.probe, wanted_model, top_k, visible, p.begins, p.ends) AS n
    )
    SELECT n.id, n.detected_at, n.similarity FROM nearest n
    WHERE n.similarity >= threshold ORDER BY n.similarity DESC, n.id LIMIT top_k;
END
$$;

-- As before, and: probes of searches whose time is over, and decisions on sightings that retention has removed.
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
    UPDATE search_requests SET probe = NULL, status = CASE status WHEN 'pending' THEN 'expired' ELSE status END
    WHERE probe IS NOT NULL AND expires_at <= now();
    DELETE FROM sighting_corrections
    WHERE detected_at < (SELECT coalesce(min(s.detected_at), now()) FROM sightings s);
    PERFORM set_config('sightline.batch', '', true);
    RETURN cleared;
END
$$;
