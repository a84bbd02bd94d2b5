-- Background jobs, and receipts of erasure.

-- Work that takes longer than a request: reports, imports, exports. parameters and summary are json and not jsonb:
-- nobody searches them. attempts is also the fence: who holds a job writes only while it is still at that attempt.
CREATE TABLE jobs (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    kind text NOT NULL CHECK (kind ~ '^[a-z][a-z_]{0,31}$'),
    parameters json NOT NULL DEFAULT '{}',
    subject_id uuid REFERENCES subjects ON DELETE CASCADE,    -- whom it is about, where it is about one person
    status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    progress real NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
    message text NOT NULL DEFAULT '',                         -- amounts and steps, never a name
    cancel_requested boolean NOT NULL DEFAULT false,
    result_key text,                                          -- object below jobs/{id}/
    result_name text,
    result_type text,
    summary json NOT NULL DEFAULT '{}',                       -- amounts
    error_code text,
    error_detail text,
    attempts integer NOT NULL DEFAULT 0,
    position integer NOT NULL DEFAULT 0,                      -- rows done, for work that goes on where it was
    created_by uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    heartbeat_at timestamptz,
    finished_at timestamptz,
    expires_at timestamptz,
    files_removed_at timestamptz                              -- result and uploaded files are gone
);
CREATE INDEX ix_jobs_created_by ON jobs (created_by, created_at DESC);
CREATE INDEX ix_jobs_created_at ON jobs (created_at DESC, id DESC);
CREATE INDEX ix_jobs_subject_id ON jobs (subject_id);
CREATE INDEX ix_jobs_waiting ON jobs (created_at) WHERE status IN ('queued', 'running');

-- Whoever erases a person, the files of jobs about them go at once, and with them what a runner still writes.
CREATE FUNCTION queue_job_objects() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO object_deletions (object_key, reason) VALUES (OLD.result_key, 'job deleted');
    RETURN NULL;
END
$$;
CREATE TRIGGER queue_job_objects AFTER DELETE ON jobs FOR EACH ROW WHEN (OLD.result_key IS NOT NULL)
    EXECUTE FUNCTION queue_job_objects();
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON jobs FOR EACH ROW
    EXECUTE FUNCTION audit_trigger('id', 'parameters,summary', 'progress,message,heartbeat_at,attempts,position');
CREATE TRIGGER notify_change AFTER INSERT ON jobs FOR EACH STATEMENT EXECUTE FUNCTION notify_change('sightline_jobs');

ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO sightline_app;
CREATE POLICY owner_everything ON jobs TO sightline_owner USING (true) WITH CHECK (true);
CREATE POLICY own_read ON jobs FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) <> 'nobody' AND created_by = (SELECT sightline_user_id()));
CREATE POLICY own_create ON jobs FOR INSERT TO sightline_app
    WITH CHECK ((SELECT sightline_role()) <> 'nobody' AND created_by = (SELECT sightline_user_id()));
CREATE POLICY own_change ON jobs FOR UPDATE TO sightline_app
    USING ((SELECT sightline_role()) <> 'nobody' AND created_by = (SELECT sightline_user_id()));
CREATE POLICY manage ON jobs FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'maintenance'));

-- Erasures: what was done, in numbers, and the signed receipt. No personal data: who it was is a digest of the id.
CREATE TABLE erasures (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    subject_digest text NOT NULL CHECK (subject_digest ~ '^[0-9a-f]{64}$'),
    reason text NOT NULL CHECK (reason IN
        ('request', 'objection', 'purpose_ended', 'consent_withdrawn', 'unlawful', 'legal_order', 'unspecified')),
    reference text NOT NULL DEFAULT '' CHECK (length(reference) <= 100),
    work text,          -- what is still to be removed and looked for; emptied when the receipt is written
    receipt text,       -- JWS, compact
    requested_by uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    CONSTRAINT erasures_work_ends_with_the_receipt CHECK ((work IS NULL) = (receipt IS NOT NULL)),
    CONSTRAINT erasures_receipt_says_when CHECK ((receipt IS NULL) = (completed_at IS NULL))
);
CREATE INDEX ix_erasures_created_at ON erasures (created_at DESC, id DESC);
CREATE INDEX ix_erasures_subject_digest ON erasures (subject_digest);
CREATE INDEX ix_erasures_requested_by ON erasures (requested_by);
CREATE INDEX ix_erasures_unfinished ON erasures (created_at) WHERE work IS NOT NULL;
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON erasures FOR EACH ROW
    EXECUTE FUNCTION audit_trigger('id', 'work,receipt', '');
ALTER TABLE erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasures FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON erasures TO sightline_app;
CREATE POLICY owner_everything ON erasures TO sightline_owner USING (true) WITH CHECK (true);
CREATE POLICY read ON erasures FOR SELECT TO sightline_app USING ((SELECT sightline_role()) = 'auditor');
CREATE POLICY manage ON erasures FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'maintenance'));

-- erase_everywhere(id): erase_subject() and what lies around it. Returns amounts; the objects are in object_deletions.
--   frames of others   full frames of other sightings of the same camera and moment show the person as well
--   jobs               about the person go; results and uploads of others, which may hold them, are due now
--   audit payloads     that name the person in any other way
--   templates          counts identical ones that are left under another record
CREATE FUNCTION erase_everywhere(person uuid) RETURNS TABLE (item text, amount bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    frames bigint;
    about bigint;
    due bigint;
    payloads bigint;
    same bigint := 0;
    probe vector;
    alike bigint;
    known vector[];
    event uuid;
BEGIN
    PERFORM require_role('admin', 'system');
    PERFORM 1 FROM subjects WHERE id = person FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no subject %', person USING ERRCODE = 'no_data_found';
    END IF;
    known := ARRAY(SELECT i.embedding FROM images i WHERE i.subject_id = person AND i.embedding IS NOT NULL)
        || ARRAY(SELECT s.embedding FROM sightings s WHERE s.subject_id = person AND s.embedding IS NOT NULL
            ORDER BY s.detected_at DESC LIMIT 50);
    PERFORM set_config('sightline.batch', 'on', true);
    WITH shown AS (
        SELECT DISTINCT o.id, o.detected_at, o.frame_path FROM sightings s JOIN sightings o ON o.camera_id = s.camera_id
            AND o.detected_at <= s.last_seen_at AND o.detected_at > s.detected_at - interval '1 day'
            AND o.last_seen_at >= s.detected_at
        WHERE s.subject_id = person AND o.subject_id IS DISTINCT FROM person AND o.frame_path IS NOT NULL
    ), queued AS (
        INSERT INTO object_deletions (object_key, reason) SELECT frame_path, 'erasure' FROM shown
    )
    UPDATE sightings t SET frame_path = NULL FROM shown WHERE t.id = shown.id AND t.detected_at = shown.detected_at;
    GET DIAGNOSTICS frames = ROW_COUNT;
    UPDATE jobs SET expires_at = now() WHERE files_removed_at IS NULL AND expires_at > now();
    GET DIAGNOSTICS due = ROW_COUNT;
    UPDATE jobs SET cancel_requested = true
        WHERE status = 'running' AND kind IN ('subject_export', 'access_export', 'report');
    DELETE FROM jobs WHERE subject_id = person OR position(person::text IN parameters::text) > 0;
    GET DIAGNOSTICS about = ROW_COUNT;
    RETURN QUERY SELECT * FROM erase_subject(person);
    SELECT a.id INTO event FROM audit_logs a WHERE a.table_name = 'subjects' AND a.record_id = person::text
        AND a.action = 'ERASE' ORDER BY a.id DESC LIMIT 1;
    UPDATE audit_payloads p SET subject_id = NULL, salt = NULL, old_values = NULL, new_values = NULL,
        erased_at = now(), erased_by = event
    WHERE p.erased_at IS NULL AND (position(person::text IN coalesce(p.old_values::text, '')) > 0
        OR position(person::text IN coalesce(p.new_values::text, '')) > 0);
    GET DIAGNOSTICS payloads = ROW_COUNT;
    FOREACH probe IN ARRAY known LOOP
        SELECT count(*) INTO alike FROM (SELECT i.embedding <=> probe AS distance FROM images i
            WHERE i.embedding IS NOT NULL ORDER BY i.embedding <=> probe LIMIT 1) AS n WHERE n.distance < 1e-6;
        same := same + alike;
        SELECT count(*) INTO alike FROM (SELECT s.embedding <=> probe AS distance FROM sightings s
            WHERE s.embedding IS NOT NULL ORDER BY s.embedding <=> probe LIMIT 1) AS n WHERE n.distance < 1e-6;
        same := same + alike;
    END LOOP;
    RETURN QUERY SELECT * FROM (VALUES ('frames_of_others_removed', frames), ('jobs_deleted', about),
        ('job_results_removed', due), ('other_audit_payloads_erased', payloads),
        ('templates_searched', cardinality(known)::bigint), ('identical_templates_left', same)) AS r(item, amount);
END
$$;

-- A worker that was writing while the person was erased may still have named them among a sighting's candidates.
CREATE FUNCTION forget_candidates(people uuid[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    mentions jsonb[] := ARRAY(SELECT jsonb_build_array(jsonb_build_object('subject', p)) FROM unnest(people) AS p);
    cleaned bigint;
BEGIN
    PERFORM require_role('admin', 'system', 'maintenance');
    IF EXISTS (SELECT FROM subjects WHERE id = ANY (people)) THEN
        RAISE EXCEPTION 'these people were not erased' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM set_config('sightline.batch', 'on', true);
    UPDATE sightings SET candidates = coalesce((SELECT jsonb_agg(c ORDER BY n)
            FROM jsonb_array_elements(candidates) WITH ORDINALITY AS e(c, n)
            WHERE c ->> 'subject' <> ALL (people::text[])), '[]')
        WHERE candidates @> ANY (mentions);
    GET DIAGNOSTICS cleaned = ROW_COUNT;
    PERFORM set_config('sightline.batch', '', true);
    RETURN cleaned;
END
$$;

-- find_traces(texts): every column of every table that can hold text or an id, and in how many rows one of the texts
-- stands. erasures.work is left out: it holds what is looked for, until it has been.
CREATE FUNCTION find_traces(needles text[]) RETURNS TABLE (place text, searched bigint, hits bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    patterns text[] := ARRAY(SELECT '%' || replace(replace(replace(n, '\', '\\'), '%', '\%'), '_', '\_') || '%'
        FROM unnest(needles) AS n);
    bytes bytea[] := ARRAY(SELECT convert_to(n, 'UTF8') FROM unnest(needles) AS n);
    item record;
    total bigint;
    counted bigint[];
BEGIN
    PERFORM require_role('admin', 'system', 'maintenance');
    FOR item IN
        SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns,
            string_agg(format(CASE WHEN a.atttypid = 'uuid'::regtype THEN 'count(*) FILTER (WHERE %I::text = ANY ($2))'
                WHEN a.atttypid = 'bytea'::regtype
                    THEN 'count(*) FILTER (WHERE EXISTS (SELECT FROM unnest($3) AS b WHERE position(b IN %I) > 0))'
                ELSE 'count(*) FILTER (WHERE %I::text ILIKE ANY ($1))' END, a.attname), ', ' ORDER BY a.attnum) AS counts
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND a.atttypid::regtype::text IN ('uuid', 'text', 'character varying', 'jsonb', 'json', 'bytea', 'uuid[]',
                'text[]') AND (c.relname, a.attname) <> ('erasures', 'work')
        GROUP BY c.relname ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT count(*), ARRAY[%s] FROM %I', item.counts, item.name)
            INTO total, counted USING patterns, needles, bytes;
        RETURN QUERY SELECT item.name || '.' || u.name, total, u.hits
            FROM unnest(item.columns, counted) AS u(name, hits);
    END LOOP;
END
$$;
