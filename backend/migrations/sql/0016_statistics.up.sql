-- Statistics: exact counts over two years, read in milliseconds, and settings that say when they change.
--
-- statistic_days     per measure, camera and day (UTC) 96 running totals, one per quarter of an hour: counts[k] is what
--                    was counted before the end of quarter k (from 1). So any span that begins and ends on a quarter
--                    is a difference of two numbers per day, in every time zone (offsets are multiples of 15 min).
--                    minutes: those in which the camera gave anything
-- statistic_changes  what was counted since and is not folded in yet. Writers only append, so that they never wait
--                    for each other; one maintenance worker folds. Readers add both and are exact at any moment.
--
-- Sightings of days that retention removed leave the statistics with them; alerts and counters name nobody and stay.

CREATE TABLE statistic_days (
    measure text NOT NULL CHECK (measure IN
        ('sightings', 'known', 'alerts', 'frames', 'detections', 'tracks', 'recognitions', 'minutes')),
    day date NOT NULL,
    camera_id uuid NOT NULL REFERENCES cameras ON DELETE CASCADE,
    counts integer[] NOT NULL CHECK (cardinality(counts) = 96),
    PRIMARY KEY (measure, day, camera_id)
);
CREATE INDEX ix_statistic_days_camera_id ON statistic_days (camera_id);

-- Filled and emptied all day: vacuumed by number of dead rows, not by share.
CREATE TABLE statistic_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    measure text NOT NULL,
    camera_id uuid NOT NULL,              -- no foreign key: folding drops what a deleted camera left
    quarter timestamptz NOT NULL,
    amount integer NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE INDEX ix_alerts_open ON alerts (severity, camera_id) WHERE status <> 'resolved';

CREATE FUNCTION quarter_of(moment timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_bin('15 minutes', moment, '2000-01-01 00:00:00+00')
$$;

CREATE FUNCTION add_counts(a integer[], b integer[]) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(x + y ORDER BY n) FROM unnest(a, b) WITH ORDINALITY AS t(x, y, n)
$$;

-- Each statement's effect, as sums: an update that changes no count appends nothing.
CREATE FUNCTION note_sightings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO statistic_changes (measure, camera_id, quarter, amount)
        SELECT m.measure, g.camera_id, g.quarter, m.amount
        FROM (SELECT camera_id, quarter_of(detected_at) AS quarter, count(*)::int AS seen, count(subject_id)::int AS known
            FROM new_rows GROUP BY 1, 2) AS g,
            LATERAL (VALUES ('sightings', g.seen), ('known', g.known)) AS m(measure, amount) WHERE m.amount <> 0;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO statistic_changes (measure, camera_id, quarter, amount)
        SELECT m.measure, g.camera_id, g.quarter, -m.amount
        FROM (SELECT camera_id, quarter_of(detected_at) AS quarter, count(*)::int AS seen, count(subject_id)::int AS known
            FROM old_rows GROUP BY 1, 2) AS g,
            LATERAL (VALUES ('sightings', g.seen), ('known', g.known)) AS m(measure, amount) WHERE m.amount <> 0;
    ELSE
        INSERT INTO statistic_changes (measure, camera_id, quarter, amount)
        SELECT m.measure, g.camera_id, g.quarter, m.amount
        FROM (SELECT camera_id, quarter_of(detected_at) AS quarter, sum(seen)::int AS seen, sum(known)::int AS known
            FROM (SELECT camera_id, detected_at, 1 AS seen, num_nonnulls(subject_id) AS known FROM new_rows
                UNION ALL SELECT camera_id, detected_at, -1, -num_nonnulls(subject_id) FROM old_rows) AS u
            GROUP BY 1, 2) AS g,
            LATERAL (VALUES ('sightings', g.seen), ('known', g.known)) AS m(measure, amount) WHERE m.amount <> 0;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_insert AFTER INSERT ON sightings REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_sightings();
CREATE TRIGGER note_update AFTER UPDATE ON sightings REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_sightings();
CREATE TRIGGER note_delete AFTER DELETE ON sightings REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_sightings();

CREATE FUNCTION note_alerts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO statistic_changes (measure, camera_id, quarter, amount)
        SELECT 'alerts', camera_id, quarter_of(matched_at), count(*)::int FROM new_rows GROUP BY 2, 3;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO statistic_changes (measure, camera_id, quarter, amount)
        SELECT 'alerts', camera_id, quarter_of(matched_at), -count(*)::int FROM old_rows GROUP BY 2, 3;
    ELSE
        INSERT INTO statistic_changes (measure, camera_id, quarter, amount)
        SELECT 'alerts', camera_id, quarter_of(matched_at), sum(n)::int
        FROM (SELECT camera_id, matched_at, 1 AS n FROM new_rows
            UNION ALL SELECT camera_id, matched_at, -1 FROM old_rows) AS u
        GROUP BY 2, 3 HAVING sum(n) <> 0;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_insert AFTER INSERT ON alerts REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_alerts();
CREATE TRIGGER note_update AFTER UPDATE ON alerts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_alerts();
CREATE TRIGGER note_delete AFTER DELETE ON alerts REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_alerts();

CREATE FUNCTION note_counters() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO statistic_changes (measure, camera_id, quarter, amount)
        SELECT m.measure, n.camera_id, quarter_of(n.minute), m.amount
        FROM new_rows n JOIN old_rows o USING (camera_id, minute), LATERAL (VALUES ('frames', n.frames - o.frames),
            ('detections', n.detections - o.detections), ('tracks', n.tracks - o.tracks),
            ('recognitions', n.recognitions - o.recognitions)) AS m(measure, amount) WHERE m.amount <> 0;
    ELSE
        INSERT INTO statistic_changes (measure, camera_id, quarter, amount)
        SELECT m.measure, n.camera_id, quarter_of(n.minute), sum(m.amount)::int
        FROM new_rows n, LATERAL (VALUES ('frames', n.frames), ('detections', n.detections), ('tracks', n.tracks),
            ('recognitions', n.recognitions), ('minutes', 1)) AS m(measure, amount) WHERE m.amount <> 0 GROUP BY 1, 2, 3;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_insert AFTER INSERT ON camera_minute_counters REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_counters();
CREATE TRIGGER note_update AFTER UPDATE ON camera_minute_counters REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_counters();

-- Moves what was counted into the days; one at a time. Returns how many changes were folded in.
CREATE FUNCTION fold_statistic_changes() RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    folded bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('sightline.statistics'));
    WITH taken AS (
        DELETE FROM statistic_changes RETURNING measure, camera_id, quarter AT TIME ZONE 'UTC' AS quarter, amount
    ), moved AS (
        SELECT measure, camera_id, quarter::date AS day,
            (extract(hour FROM quarter) * 4 + extract(minute FROM quarter) / 15)::int + 1 AS slot, sum(amount)::int AS amount
        FROM taken GROUP BY 1, 2, 3, 4
    ), padded AS (  -- with every quarter of those days; to join them by slot compared each with all of its day
        SELECT measure, camera_id, day, slot, amount FROM moved
        UNION ALL
        SELECT d.measure, d.camera_id, d.day, s.slot, 0
        FROM (SELECT DISTINCT measure, camera_id, day FROM moved) AS d CROSS JOIN generate_series(1, 96) AS s(slot)
    ), running AS (
        SELECT measure, camera_id, day, slot, sum(sum(amount)) OVER (PARTITION BY measure, camera_id, day ORDER BY slot) AS total
        FROM padded GROUP BY measure, camera_id, day, slot
    ), written AS (
        INSERT INTO statistic_days AS t (measure, day, camera_id, counts)
        SELECT r.measure, r.day, r.camera_id, array_agg(r.total::int ORDER BY r.slot)
        FROM running r JOIN cameras c ON c.id = r.camera_id GROUP BY 1, 2, 3
        ON CONFLICT (measure, day, camera_id) DO UPDATE SET counts = add_counts(t.counts, excluded.counts)
    )
    SELECT count(*) INTO folded FROM taken;
    RETURN folded;
END
$$;

CREATE FUNCTION fold_statistics() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_role('admin', 'system', 'maintenance');
    RETURN fold_statistic_changes();
END
$$;

-- Counts sightings and alerts again from their rows: after rows were written past the triggers, by a restore for
-- example. Writers wait meanwhile.
CREATE FUNCTION recount_statistics() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_role('admin', 'system', 'maintenance');
    LOCK TABLE sightings, alerts IN SHARE MODE;
    PERFORM pg_advisory_xact_lock(hashtext('sightline.statistics'));
    DELETE FROM statistic_changes WHERE measure IN ('sightings', 'known', 'alerts');
    DELETE FROM statistic_days WHERE measure IN ('sightings', 'known', 'alerts');
    PERFORM note_what_is_there();
    RETURN fold_statistic_changes();
END
$$;

CREATE FUNCTION note_what_is_there() RETURNS void LANGUAGE sql SET search_path = public, pg_temp AS $$
    INSERT INTO statistic_changes (measure, camera_id, quarter, amount)
    SELECT m.measure, g.camera_id, g.quarter, m.amount
    FROM (SELECT camera_id, quarter_of(detected_at) AS quarter, count(*)::int AS seen, count(subject_id)::int AS known
        FROM sightings GROUP BY 1, 2) AS g,
        LATERAL (VALUES ('sightings', g.seen), ('known', g.known)) AS m(measure, amount) WHERE m.amount <> 0
    UNION ALL
    SELECT 'alerts', camera_id, quarter_of(matched_at), count(*)::int FROM alerts GROUP BY 2, 3
$$;

SELECT note_what_is_there();
INSERT INTO statistic_changes (measure, camera_id, quarter, amount)
SELECT m.measure, n.camera_id, quarter_of(n.minute), sum(m.amount)::int
FROM camera_minute_counters n, LATERAL (VALUES ('frames', n.frames), ('detections', n.detections),
    ('tracks', n.tracks), ('recognitions', n.recognitions), ('minutes', 1)) AS m(measure, amount)
WHERE m.amount <> 0 GROUP BY 1, 2, 3;
SELECT fold_statistic_changes();

-- Retention: days that are gone leave the statistics. Dropped partitions fire no trigger, so days are removed as such;
-- the rest of the cutoff's own day went row by row and was noted.
ALTER FUNCTION purge_before(timestamptz) RENAME TO purge_records_before;
CREATE FUNCTION purge_before(cutoff timestamptz) RETURNS jsonb
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
    RETURN report;
END
$$;

-- Minutes go after a while; their quarters stay in the statistics. Returns how many minutes went.
CREATE FUNCTION purge_minute_counters(retention_days int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    PERFORM require_role('admin', 'system', 'maintenance');
    IF retention_days IS NULL OR retention_days < 1 THEN
        RAISE EXCEPTION 'retention must be at least one day, not %', retention_days
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    DELETE FROM camera_minute_counters WHERE minute < now() - make_interval(days => retention_days);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
CREATE INDEX ix_camera_minute_counters_minute ON camera_minute_counters (minute);

REVOKE EXECUTE ON FUNCTION fold_statistic_changes(), note_what_is_there(), purge_before(timestamptz) FROM PUBLIC;

-- No audit: nobody writes these tables but triggers, whose sources are audited.
ALTER TABLE statistic_days ENABLE ROW LEVEL SECURITY;
ALTER TABLE statistic_days FORCE ROW LEVEL SECURITY;
ALTER TABLE statistic_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE statistic_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_everything ON statistic_days TO sightline_owner USING (true) WITH CHECK (true);
CREATE POLICY owner_everything ON statistic_changes TO sightline_owner USING (true) WITH CHECK (true);
CREATE POLICY read ON statistic_days FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'maintenance'));
CREATE POLICY read ON statistic_changes FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'maintenance'));
CREATE POLICY by_group ON statistic_days FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('operator', 'viewer') AND camera_id IN (SELECT c.id FROM cameras c));
CREATE POLICY by_group ON statistic_changes FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('operator', 'viewer') AND camera_id IN (SELECT c.id FROM cameras c));
GRANT SELECT ON statistic_days, statistic_changes TO sightline_app;

-- Workers follow settings while they run.
CREATE TRIGGER notify_change AFTER INSERT OR UPDATE OR DELETE ON settings
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('sightline_settings');
