DROP FUNCTION active_session(uuid, uuid);
DROP TRIGGER note_bins_insert ON sightings;
DROP TRIGGER note_bins_update ON sightings;
DROP TRIGGER note_bins_delete ON sightings;

-- As 0016 made them.
CREATE OR REPLACE FUNCTION fold_statistics() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_role('admin', 'system', 'maintenance');
    RETURN fold_statistic_changes();
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
    PERFORM note_what_is_there();
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
    RETURN report;
END
$$;

DROP FUNCTION count_bins(), fold_bin_changes(), note_bins(), hour_of(timestamptz),
    sighting_bins(uuid, real, real, text);
DROP TABLE statistic_bin_changes, statistic_bins;
DROP INDEX ix_statistic_days_camera;
CREATE INDEX ix_statistic_days_camera_id ON statistic_days (camera_id);
