-- How good recognition is: similarities, qualities and verdicts in classes, so that a month is read without its sightings.
--
-- statistic_bins         per camera and day (UTC) how many sightings fell into each bin (sighting_bins() says which).
--                        totals: 67 numbers, of the whole day; cells, amounts: the same by hour, those that are not
--                        zero, where cell = 67 * hour + bin - 1
-- statistic_bin_changes  what was counted since and is not folded in yet, as in statistic_changes (0016)
--
-- A span is its whole days by totals, whole hours at its ends by cells, and what is left of an hour from the sightings
-- themselves: exact to the microsecond (services/recognition_numbers.py).

CREATE TABLE statistic_bins (
    day date NOT NULL,
    camera_id uuid NOT NULL REFERENCES cameras ON DELETE CASCADE,
    totals integer[] NOT NULL CHECK (cardinality(totals) = 67),
    cells smallint[] NOT NULL,
    amounts integer[] NOT NULL,
    PRIMARY KEY (day, camera_id),
    CONSTRAINT statistic_bins_amount_per_cell CHECK (cardinality(amounts) = cardinality(cells))
) WITH (toast_tuple_target = 512);   -- most days are read by their totals: the hours lie apart
CREATE INDEX ix_statistic_bins_camera_id ON statistic_bins (camera_id);

CREATE TABLE statistic_bin_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id uuid NOT NULL,              -- no foreign key: folding drops what a deleted camera left
    hour timestamptz NOT NULL,
    bin smallint NOT NULL CHECK (bin BETWEEN 1 AND 67),
    amount integer NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- A year of one camera is read by it.
DROP INDEX ix_statistic_days_camera_id;
CREATE INDEX ix_statistic_days_camera ON statistic_days (camera_id, measure, day);

-- The bins of a sighting. 1, 2, 3: confirmed, rejected, assigned; 4: of a subject without similarity; 5 to 45: of a
-- subject, by similarity from -1 in steps of 0.05; 46: without quality; 47 to 67: by quality from 0 in steps of 0.05.
CREATE FUNCTION sighting_bins(subject_id uuid, confidence real, quality real, verdict text) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_remove(ARRAY[
        CASE verdict WHEN 'confirmed' THEN 1 WHEN 'rejected' THEN 2 WHEN 'assigned' THEN 3 END,
        CASE WHEN subject_id IS NOT NULL THEN coalesce(25 + floor(confidence::float8 / 0.05::float8)::int, 4) END,
        coalesce(47 + floor(quality::float8 / 0.05::float8)::int, 46)], NULL)
$$;

CREATE FUNCTION hour_of(moment timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_bin('1 hour', moment, '2000-01-01 00:00:00+00')
$$;

-- Each statement's effect, as sums: an update that moves nothing to another bin appends nothing.
CREATE FUNCTION note_bins() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO statistic_bin_changes (camera_id, hour, bin, amount)
        SELECT camera_id, hour_of(detected_at), bin, count(*)::int
        FROM new_rows, unnest(sighting_bins(subject_id, confidence, quality_score, verdict)) AS bin GROUP BY 1, 2, 3;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO statistic_bin_changes (camera_id, hour, bin, amount)
        SELECT camera_id, hour_of(detected_at), bin, -count(*)::int
        FROM old_rows, unnest(sighting_bins(subject_id, confidence, quality_score, verdict)) AS bin GROUP BY 1, 2, 3;
    ELSE
        INSERT INTO statistic_bin_changes (camera_id, hour, bin, amount)
        SELECT camera_id, hour_of(detected_at), bin, sum(n)::int
        FROM (SELECT camera_id, detected_at, sighting_bins(subject_id, confidence, quality_score, verdict) AS bins, 1 AS n
            FROM new_rows
            UNION ALL
            SELECT camera_id, detected_at, sighting_bins(subject_id, confidence, quality_score, verdict), -1
            FROM old_rows) AS u, unnest(u.bins) AS bin
        GROUP BY 1, 2, 3 HAVING sum(n) <> 0;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_bins_insert AFTER INSERT ON sightings REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_bins();
CREATE TRIGGER note_bins_update AFTER UPDATE ON sightings REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_bins();
CREATE TRIGGER note_bins_delete AFTER DELETE ON sightings REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_bins();

-- Moves what was counted into the days; one at a time. Returns how many changes were folded in.
CREATE FUNCTION fold_bin_changes() RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    folded bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('sightline.statistics'));
    WITH taken AS (
        DELETE FROM statistic_bin_changes RETURNING camera_id, hour AT TIME ZONE 'UTC' AS hour, bin, amount
    ), moved AS (
        SELECT t.camera_id, t.hour::date AS day, (67 * extract(hour FROM t.hour) + t.bin - 1)::smallint AS cell,
            sum(t.amount)::int AS amount
        FROM taken t JOIN cameras c ON c.id = t.camera_id GROUP BY 1, 2, 3
    ), days AS MATERIALIZED (
        SELECT DISTINCT camera_id, day FROM moved
    ), by_cell AS MATERIALIZED (
        SELECT camera_id, day, cell, sum(amount)::int AS amount
        FROM (SELECT camera_id, day, cell, amount FROM moved
            UNION ALL
            SELECT b.camera_id, b.day, u.cell, u.amount
            FROM days JOIN statistic_bins b USING (camera_id, day), unnest(b.cells, b.amounts) AS u(cell, amount)) AS together
        GROUP BY 1, 2, 3 HAVING sum(amount) <> 0
    ), by_bin AS (
        SELECT camera_id, day, bin, sum(amount)::int AS amount
        FROM (SELECT camera_id, day, cell % 67 + 1 AS bin, amount FROM by_cell
            UNION ALL
            SELECT d.camera_id, d.day, s.bin, 0 FROM days d, generate_series(1, 67) AS s(bin)) AS padded
        GROUP BY 1, 2, 3
    ), of_days AS (
        SELECT camera_id, day, array_agg(amount ORDER BY bin) AS totals FROM by_bin GROUP BY 1, 2
    ), of_hours AS (
        SELECT camera_id, day, array_agg(cell ORDER BY cell) AS cells, array_agg(amount ORDER BY cell) AS amounts
        FROM by_cell GROUP BY 1, 2
    ), written AS (
        INSERT INTO statistic_bins AS t (day, camera_id, totals, cells, amounts)
        SELECT d.day, d.camera_id, d.totals, coalesce(h.cells, '{}'), coalesce(h.amounts, '{}')
        FROM of_days d LEFT JOIN of_hours h USING (camera_id, day)
        ON CONFLICT (day, camera_id) DO UPDATE
            SET totals = excluded.totals, cells = excluded.cells, amounts = excluded.amounts
    )
    SELECT count(*) INTO folded FROM taken;
    RETURN folded;
END
$$;

-- Counts what is there month after month, so that memory stays small.
CREATE FUNCTION count_bins() RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    span record;
BEGIN
    FOR span IN SELECT begins, ends FROM sighting_spans('-infinity', 'infinity') LOOP
        INSERT INTO statistic_bin_changes (camera_id, hour, bin, amount)
        SELECT camera_id, hour_of(detected_at), bin, count(*)::int
        FROM sightings, unnest(sighting_bins(subject_id, confidence, quality_score, verdict)) AS bin
        WHERE detected_at >= span.begins AND detected_at < span.ends GROUP BY 1, 2, 3;
        PERFORM fold_bin_changes();
    END LOOP;
END
$$;

SELECT count_bins();

-- As before, and the bins.
CREATE OR REPLACE FUNCTION fold_statistics() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_role('admin', 'system', 'maintenance');
    RETURN fold_statistic_changes() + fold_bin_changes();
END
$$;

CREATE OR REPLACE FUNCTION recount_statistics() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_role('admin', 'system', 'maintenance');
    LOCK TABLE sightings, alerts IN SHARE MODE;
    PERFORM pg_advisory_xact_lock(hashtext('sightline.statistics'));
    DELETE FROM statistic_changes WHERE measure IN ('sightings', 'known', 'alerts');
    DELETE FROM statistic_days WHERE measure IN ('sightings', 'known', 'alerts');
    DELETE FROM statistic_bin_changes;
    DELETE FROM statistic_bins;
    PERFORM note_what_is_there();
    PERFORM count_bins();
    RETURN fold_statistic_changes();
END
$$;

CREATE OR REPLACE FUNCTION purge_before(cutoff timestamptz) RETURNS jsonb
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    report jsonb;
    today date := (cutoff AT TIME ZONE 'UTC')::date;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('sightline.statistics'));
    report := purge_records_before(cutoff);
    DELETE FROM statistic_changes WHERE measure IN ('sightings', 'known')
        AND quarter < today::timestamp AT TIME ZONE 'UTC';
    DELETE FROM statistic_days WHERE measure IN ('sightings', 'known') AND day < today;
    DELETE FROM statistic_bin_changes WHERE hour < today::timestamp AT TIME ZONE 'UTC';
    DELETE FROM statistic_bins WHERE day < today;
    RETURN report;
END
$$;

REVOKE EXECUTE ON FUNCTION fold_bin_changes(), count_bins() FROM PUBLIC;

-- No audit, as for the other statistics: nobody writes these tables but triggers, whose sources are audited.
ALTER TABLE statistic_bins ENABLE ROW LEVEL SECURITY;
ALTER TABLE statistic_bins FORCE ROW LEVEL SECURITY;
ALTER TABLE statistic_bin_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE statistic_bin_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_everything ON statistic_bins TO sightline_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_everything ON statistic_bin_changes TO sightline_owner USING (true) WITH CHECK (true);
CREATE POLICY read ON statistic_bins FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'maintenance'));
CREATE POLICY read ON statistic_bin_changes FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'maintenance'));
CREATE POLICY by_group ON statistic_bins FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('operator', 'viewer') AND camera_id IN (SELECT c.id FROM cameras c));
CREATE POLICY by_group ON statistic_bin_changes FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('operator', 'viewer') AND camera_id IN (SELECT c.id FROM cameras c));
GRANT SELECT ON statistic_bins, statistic_bin_changes TO sightline_app;

-- Who is behind an access token's session, while it lasts; asked once per request, before it is known on whose behalf
-- it acts. It tells no more than the policies tell the role auth, which anybody may take, and saves its transaction.
CREATE FUNCTION active_session(session_id uuid, of_user uuid)
RETURNS TABLE (user_id uuid, username text, role text, must_change_password boolean, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.username, u.role, u.must_change_password, t.expires_at
    FROM refresh_tokens t JOIN users u ON u.id = t.user_id
    WHERE t.family_id = session_id AND t.user_id = of_user AND t.kind = 'session' AND t.spent_at IS NULL
        AND t.revoked_at IS NULL AND t.expires_at > now() AND u.is_active
$$;
REVOKE EXECUTE ON FUNCTION active_session(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION active_session(uuid, uuid) TO sightline_app;
