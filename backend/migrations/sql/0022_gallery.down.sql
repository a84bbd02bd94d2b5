-- Loads pgvector's library, without which only a superuser may mention hnsw.ef_search below.
SELECT '[1]'::vector;

CREATE OR REPLACE FUNCTION gallery_size(model text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*) FROM images i JOIN searchable_subjects s ON s.id = i.subject_id
    WHERE i.model_version = model AND i.embedding IS NOT NULL AND sightline_role() <> 'nobody'
$$;

CREATE OR REPLACE FUNCTION gallery_fingerprint(model_version text) RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(sum(hashtextextended(i.id::text || i.updated_at::text || s.name, 0)::numeric) % 9007199254740991, 0)::bigint
    FROM images i JOIN searchable_subjects s ON s.id = i.subject_id
    WHERE i.model_version = gallery_fingerprint.model_version AND i.embedding IS NOT NULL
$$;

CREATE OR REPLACE FUNCTION nearest_images_of_watchlist(probe vector, wanted_model text, wanted int, wanted_list int)
RETURNS TABLE (subject_id uuid, similarity float, image_id uuid)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH listed AS MATERIALIZED (
        SELECT i.subject_id, 1 - (i.embedding <=> probe) AS similarity, i.id
        FROM searchable_subjects s JOIN images i ON i.subject_id = s.id
        WHERE s.watchlist_id = wanted_list AND i.embedding IS NOT NULL AND i.model_version = wanted_model
    )
    SELECT subject_id, similarity, id FROM listed ORDER BY similarity DESC LIMIT wanted
$$;

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
END
$$;

DROP VIEW gallery_templates;
DROP TABLE image_templates;
