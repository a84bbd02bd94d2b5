-- Templates of several models for one picture: a gallery is moved to another model while the old one is still searched.

-- Beside images.embedding, which stays the template of the model in use. Without a template: the model refused the
-- picture, and refusal says why. expires_at: when a template of a former model goes.
CREATE TABLE image_templates (
    image_id uuid NOT NULL REFERENCES images ON DELETE CASCADE,
    model_version text NOT NULL CHECK (model_version <> ''),
    embedding vector(512) STORAGE PLAIN,
    refusal text,
    quality_score real CHECK (quality_score BETWEEN 0 AND 1),
    landmarks real[] CHECK (cardinality(landmarks) = 10),
    bounding_box real[] CHECK (cardinality(bounding_box) = 4),
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (image_id, model_version),
    CONSTRAINT image_templates_is_made_or_refused CHECK ((embedding IS NULL) = (refusal IS NOT NULL))
);
CREATE INDEX ix_image_templates_model_version ON image_templates (model_version, image_id);
CREATE INDEX ix_image_templates_expires_at ON image_templates (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX ix_image_templates_embedding ON image_templates USING hnsw (embedding vector_cosine_ops)
    WITH (m = 16, ef_construction = 64);

CREATE TRIGGER audit_insert AFTER INSERT ON image_templates REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit_batch('image_id');
CREATE TRIGGER audit_update AFTER UPDATE ON image_templates REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit_batch('image_id');
CREATE TRIGGER audit_delete AFTER DELETE ON image_templates REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit_batch('image_id');
CREATE TRIGGER notify_change AFTER INSERT OR UPDATE OR DELETE ON image_templates
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('sightline_gallery');

ALTER TABLE image_templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE image_templates FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON image_templates TO sightline_app;
CREATE POLICY owner_everything ON image_templates TO sightline_owner USING (true) WITH CHECK (true);
CREATE POLICY read ON image_templates FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('worker', 'maintenance'));
CREATE POLICY expire ON image_templates FOR DELETE TO sightline_app
    USING ((SELECT sightline_role()) = 'maintenance' AND expires_at < now());
CREATE POLICY manage ON image_templates FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'operator'));

-- Every template that there is, whichever table holds it.
CREATE VIEW gallery_templates WITH (security_invoker = true) AS
SELECT i.id AS image_id, i.subject_id, i.model_version, i.embedding, i.updated_at AS made_at
FROM images i WHERE i.embedding IS NOT NULL
UNION ALL
SELECT t.image_id, i.subject_id, t.model_version, t.embedding, t.created_at
FROM image_templates t JOIN images i ON i.id = t.image_id WHERE t.embedding IS NOT NULL;
GRANT SELECT ON gallery_templates TO sightline_app;

-- Loads pgvector's library, without which only a superuser may mention hnsw.ef_search below.
SELECT '[1]'::vector;

-- As in 0006, over both tables; each is read in the order of its own index.
CREATE OR REPLACE FUNCTION nearest_images(probe vector, wanted_model text, wanted int)
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
    RETURN QUERY
    WITH near AS MATERIALIZED (
        SELECT t.image_id, t.embedding <=> probe AS distance FROM image_templates t
        WHERE t.embedding IS NOT NULL AND t.model_version = wanted_model
            AND EXISTS (SELECT FROM images i JOIN searchable_subjects s ON s.id = i.subject_id WHERE i.id = t.image_id)
        ORDER BY t.embedding <=> probe LIMIT wanted
    )
    SELECT i.subject_id, 1 - n.distance, n.image_id FROM near n JOIN images i ON i.id = n.image_id;
END
$$;

CREATE OR REPLACE FUNCTION nearest_images_of_watchlist(probe vector, wanted_model text, wanted int, wanted_list int)
RETURNS TABLE (subject_id uuid, similarity float, image_id uuid)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH listed AS MATERIALIZED (
        SELECT g.subject_id, 1 - (g.embedding <=> probe) AS similarity, g.image_id
        FROM searchable_subjects s JOIN gallery_templates g ON g.subject_id = s.id
        WHERE s.watchlist_id = wanted_list AND g.model_version = wanted_model
    )
    SELECT subject_id, similarity, image_id FROM listed ORDER BY similarity DESC LIMIT wanted
$$;

CREATE OR REPLACE FUNCTION gallery_fingerprint(model_version text) RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(sum(hashtextextended(g.image_id::text || g.made_at::text || s.name, 0)::numeric)
        % 9007199254740991, 0)::bigint
    FROM gallery_templates g JOIN searchable_subjects s ON s.id = g.subject_id
    WHERE g.model_version = gallery_fingerprint.model_version
$$;

CREATE OR REPLACE FUNCTION gallery_size(model text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*) FROM gallery_templates g JOIN searchable_subjects s ON s.id = g.subject_id
    WHERE g.model_version = model AND sightline_role() <> 'nobody'
$$;
