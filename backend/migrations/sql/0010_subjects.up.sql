-- Subjects through the API: entries that end, pictures with what was measured on them, sizes of lists, and merging.

-- An entry may end before its list does.
ALTER TABLE subjects ADD COLUMN expires_at timestamptz;
-- Orders of the list of subjects. last_seen_at has none on purpose: it changes with every recognition, and an index
-- on it would make each of those updates touch all the others.
CREATE INDEX ix_subjects_name ON subjects (lower(name), id);
CREATE INDEX ix_subjects_created_at ON subjects (created_at, id);

-- What was measured on a picture when it was enrolled; the box is x, y, width, height in px of the kept picture.
-- pixels_digest is taken over the decoded pixels, so that the same picture is known again in another file.
ALTER TABLE images
    ADD COLUMN width integer CHECK (width > 0),
    ADD COLUMN height integer CHECK (height > 0),
    ADD COLUMN bounding_box real[] CHECK (cardinality(bounding_box) = 4),
    ADD COLUMN eye_distance real CHECK (eye_distance >= 0),
    ADD COLUMN sharpness real CHECK (sharpness BETWEEN 0 AND 1),
    ADD COLUMN frontality real CHECK (frontality BETWEEN 0 AND 1),
    ADD COLUMN exposure real CHECK (exposure BETWEEN 0 AND 1),
    ADD COLUMN pixels_digest bytea,
    ADD CONSTRAINT uq_images_subject_pixels UNIQUE (subject_id, pixels_digest);
-- How many templates there are of whom is told by the index alone: a row is 2 kB, and a search says the gallery's size.
DROP INDEX ix_images_model_version;
CREATE INDEX ix_images_model_version ON images (model_version, subject_id) WHERE embedding IS NOT NULL;

-- Subjects that may be recognised: active, not over, and on no list or on one that is active and has not expired.
CREATE OR REPLACE VIEW searchable_subjects WITH (security_invoker = true) AS
SELECT s.id, s.name, s.watchlist_id FROM subjects s
WHERE s.status = 'active' AND (s.expires_at IS NULL OR s.expires_at > now()) AND (s.watchlist_id IS NULL OR s.watchlist_id IN
    (SELECT w.id FROM watchlists w WHERE w.is_active AND w.expires_at > now()));

DROP TRIGGER notify_change ON subjects;
CREATE TRIGGER notify_change
    AFTER INSERT OR DELETE OR UPDATE OF name, status, watchlist_id, alert_on_match, expires_at ON subjects
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('sightline_gallery');

-- Reference images without their templates: viewers see pictures, never templates.
CREATE VIEW image_entries AS
SELECT i.id, i.subject_id, i.image_path, i.model_version, i.quality_score, i.face_count, i.width, i.height,
    i.bounding_box, i.eye_distance, i.sharpness, i.frontality, i.exposure, i.created_at, i.updated_at
FROM images i WHERE (SELECT sightline_role()) IN ('admin', 'system', 'operator', 'viewer');
GRANT SELECT ON image_entries TO sightline_app;

-- How many subjects each list holds; auditors see the number and not the people.
CREATE VIEW watchlist_sizes AS
SELECT w.id AS watchlist_id, (SELECT count(*) FROM subjects s WHERE s.watchlist_id = w.id) AS subjects
FROM watchlists w WHERE (SELECT sightline_role()) IN ('admin', 'system', 'operator', 'viewer', 'auditor');
GRANT SELECT ON watchlist_sizes TO sightline_app;

-- Which subjects were merged into one: the audit log still speaks of them by their own id, and is erased with the one.
CREATE TABLE subject_merges (
    emptied_id uuid PRIMARY KEY,
    subject_id uuid NOT NULL REFERENCES subjects ON DELETE CASCADE,
    merged_by uuid REFERENCES users ON DELETE SET NULL,
    merged_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_subject_merges_subject_id ON subject_merges (subject_id);
CREATE INDEX ix_subject_merges_merged_by ON subject_merges (merged_by);
ALTER TABLE subject_merges ENABLE ROW LEVEL SECURITY;
ALTER TABLE subject_merges FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_everything ON subject_merges TO sightline_owner USING (true) WITH CHECK (true);
CREATE POLICY read ON subject_merges FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'operator', 'auditor'));
GRANT SELECT ON subject_merges TO sightline_app;
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON subject_merges FOR EACH ROW
    EXECUTE FUNCTION audit_trigger('emptied_id', '', '');

-- Whoever erases the one erases what the audit log holds on those merged into it.
CREATE FUNCTION erase_merged_payloads() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    event uuid := audit_write('ERASE', 'subjects', OLD.emptied_id::text, NULL, NULL);
    mentions jsonb[] := ARRAY[jsonb_build_object('subject_id', OLD.emptied_id),
        jsonb_build_object('candidates', jsonb_build_array(jsonb_build_object('subject', OLD.emptied_id)))];
BEGIN
    UPDATE audit_payloads p SET subject_id = NULL, salt = NULL, old_values = NULL, new_values = NULL,
        erased_at = now(), erased_by = event
    WHERE p.erased_at IS NULL AND (p.subject_id = OLD.emptied_id
        OR p.old_values @> ANY (mentions) OR p.new_values @> ANY (mentions));
    RETURN NULL;
END
$$;
CREATE TRIGGER erase_merged_payloads AFTER DELETE ON subject_merges
    FOR EACH ROW EXECUTE FUNCTION erase_merged_payloads();

-- Sightings that name emptied among their candidates name kept instead, once, with the higher similarity.
CREATE FUNCTION rename_candidate(kept uuid, emptied uuid) RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    renamed bigint;
BEGIN
    UPDATE sightings s SET candidates = (
        SELECT jsonb_agg(jsonb_build_object('subject', c.subject, 'similarity', c.similarity)
            ORDER BY c.similarity DESC, c.subject)
        FROM (SELECT CASE e ->> 'subject' WHEN emptied::text THEN kept::text ELSE e ->> 'subject' END AS subject,
                     max((e ->> 'similarity')::numeric) AS similarity
              FROM jsonb_array_elements(s.candidates) AS e GROUP BY 1) AS c)
    WHERE s.candidates @> jsonb_build_array(jsonb_build_object('subject', emptied::text));
    GET DIAGNOSTICS renamed = ROW_COUNT;
    RETURN renamed;
END
$$;

-- merge_subjects(kept, emptied): all that refers to emptied refers to kept, whichever table it is in; then emptied goes.
-- It runs as the owner, since it also moves sightings of cameras that the caller may not see. Cannot be undone.
CREATE FUNCTION merge_subjects(kept uuid, emptied uuid) RETURNS TABLE (item text, amount bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    report jsonb := '{}';
    moved bigint;
    link record;
    gone subjects;
BEGIN
    PERFORM require_role('admin', 'system', 'operator');
    PERFORM 1 FROM subjects WHERE id IN (kept, emptied) ORDER BY id FOR UPDATE;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> 2 THEN
        RAISE EXCEPTION 'no such two subjects' USING ERRCODE = 'no_data_found';
    END IF;
    PERFORM set_config('sightline.batch', 'on', true);
    DELETE FROM images i WHERE i.subject_id = emptied AND i.pixels_digest IN
        (SELECT o.pixels_digest FROM images o WHERE o.subject_id = kept);
    FOR link IN
        SELECT c.conrelid::regclass::text AS relation, a.attname AS attribute
        FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND c.confrelid = 'subjects'::regclass AND c.conparentid = 0 ORDER BY 1
    LOOP
        EXECUTE format('UPDATE %s SET %I = $1 WHERE %I = $2', link.relation, link.attribute, link.attribute)
            USING kept, emptied;
        GET DIAGNOSTICS moved = ROW_COUNT;
        report := report || jsonb_build_object(link.relation, moved);
    END LOOP;
    report := report || jsonb_build_object('candidate_lists', rename_candidate(kept, emptied));
    DELETE FROM subjects WHERE id = emptied RETURNING * INTO gone;
    UPDATE subjects k SET
        external_id = coalesce(k.external_id, gone.external_id),
        portrait_path = coalesce(k.portrait_path, gone.portrait_path),
        metadata = gone.metadata || k.metadata,
        last_seen_at = greatest(k.last_seen_at, gone.last_seen_at)
    WHERE k.id = kept;
    INSERT INTO subject_merges (emptied_id, subject_id, merged_by) VALUES (emptied, kept, sightline_user_id());
    PERFORM audit_write('MERGE', 'subjects', kept::text, NULL, report || jsonb_build_object('emptied', emptied), kept);
    PERFORM set_config('sightline.batch', '', true);
    RETURN QUERY SELECT key, value::bigint FROM jsonb_each_text(report) ORDER BY key;
END
$$;
-- Whoever enrols says which model made the templates; of the settings only this one follows from enrolment.
CREATE FUNCTION activate_model_version(version text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_role('admin', 'system', 'operator');
    INSERT INTO settings (key, value, description)
    VALUES ('recognition.active_model_version', to_jsonb(version), 'Model whose templates are searched')
    ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE settings.value <> excluded.value;
END
$$;

REVOKE EXECUTE ON FUNCTION rename_candidate(uuid, uuid), erase_merged_payloads() FROM PUBLIC;
