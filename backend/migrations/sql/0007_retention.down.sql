-- Partitions are tables of sightings and go with it.
DROP FUNCTION erase_subject(uuid), purge_before(timestamptz), purge_old_data(int, boolean), purge_expired_media(),
    create_partitions_ahead(int), move_stray_sightings(text, timestamptz, timestamptz), create_monthly_partition(text, int, int);
