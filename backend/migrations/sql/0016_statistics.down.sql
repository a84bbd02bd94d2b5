DROP TRIGGER notify_change ON settings;
DROP INDEX ix_camera_minute_counters_minute;
DROP FUNCTION purge_minute_counters(int), purge_before(timestamptz);
ALTER FUNCTION purge_records_before(timestamptz) RENAME TO purge_before;
DROP TRIGGER note_insert ON camera_minute_counters;
DROP TRIGGER note_update ON camera_minute_counters;
DROP TRIGGER note_insert ON alerts;
DROP TRIGGER note_delete ON alerts;
DROP TRIGGER note_update ON alerts;
DROP TRIGGER note_insert ON sightings;
DROP TRIGGER note_update ON sightings;
DROP TRIGGER note_delete ON sightings;
DROP FUNCTION recount_statistics(), note_what_is_there(), fold_statistics(), fold_statistic_changes(), note_counters(),
    note_alerts(), note_sightings();
DROP INDEX ix_alerts_open;
DROP TABLE statistic_changes, statistic_days;
DROP FUNCTION add_counts(integer[], integer[]), quarter_of(timestamptz);
