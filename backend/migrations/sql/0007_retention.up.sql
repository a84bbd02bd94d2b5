-- Partitions, retention and erasure.

-- create_monthly_partition(table, year, month): months begin and end in UTC, whatever the session's time zone.
-- Rows of that month that fell into the default partition are moved. Returns the partition's name.
CREATE FUNCTION create_monthly_partition(table_name text, year int, month int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    partition text;
    begins timestamptz;
    ends timestamptz;
    stray boolean;
BEGIN
    PERFORM require_role('admin', 'system', 'maintenance', 'worker');
    IF table_name IS DISTINCT FROM 'sightings' OR month IS NULL OR month NOT BETWEEN 1 AND 12 OR year IS NULL
        OR year NOT BETWEEN 1970 AND 9998 THEN
        RAISE EXCEPTION 'no monthly partition for % %-%', table_name, year, month
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Partitioned tables: sightings. Months: 1 to 12.';
    END IF;
    begins := make_timestamptz(year, month, 1, 0, 0, 0, 'UTC');
    ends := ((begins AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
    partition := format('%s_%s_%s', table_name, to_char(year, 'FM0000'), to_char(month, 'FM00'));
    PERFORM pg_advisory_xact_lock(hashtext('sightline.partitions'));
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN partition;
    END IF;
    SELECT EXISTS (SELECT FROM sightings_default WHERE detected_at >= begins AND detected_at < ends) INTO stray;
    IF stray THEN
        PERFORM move_stray_sightings(partition, begins, ends);
    ELSE
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', partition, table_name, begins, ends);
    END IF;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', partition);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', partition);
    EXECUTE format('CREATE POLICY owner_everything ON %I TO sightline_owner USING (true) WITH CHECK (true)', partition);
    RETURN partition;
END
$$;

-- The alerts' foreign key is taken off for the move (in this transaction) and checked again afterwards.
CREATE FUNCTION move_stray_sightings(partition text, begins timestamptz, ends timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    ALTER TABLE alerts DROP CONSTRAINT alerts_sighting_fkey;
    EXECUTE format('CREATE TABLE %I (LIKE sightings INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', partition);
    EXECUTE format('WITH moved AS (DELETE FROM sightings_default WHERE detected_at >= $1 AND detected_at < $2 RETURNING *) '
        'INSERT INTO %I SELECT * FROM moved', partition) USING begins, ends;
    EXECUTE format('ALTER TABLE sightings ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition, begins, ends);
    ALTER TABLE alerts ADD CONSTRAINT alerts_sighting_fkey FOREIGN KEY (sighting_id, sighting_detected_at)
        REFERENCES sightings (id, detected_at) MATCH FULL ON DELETE NO ACTION;
END
$$;

-- Partitions for this month and the following ones; returns their names.
CREATE FUNCTION create_partitions_ahead(months int DEFAULT 2) RETURNS SETOF text
LANGUAGE sql SET search_path = public, pg_temp AS $$
    SELECT create_monthly_partition('sightings', extract(year FROM m)::int, extract(month FROM m)::int)
    FROM generate_series(date_trunc('month', now() AT TIME ZONE 'UTC'),
        date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => months), '1 month') AS m
$$;

-- Pictures and templates of unknown people whose time is over (recognition.unknown); returns how many sightings.
CREATE FUNCTION purge_expired_media() RETURNS bigint
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
    PERFORM set_config('sightline.batch', '', true);
    RETURN cleared;
END
$$;

-- purge_old_data(days, dry run): removes what is older, and reports it.
--   alerts      stay as records of what the system did, without subject, sighting and text
--   sightings   whole partitions are dropped where every row is due, single rows elsewhere
--   pictures    are queued for removal from the object store
--   tokens      expired ones, and delivered notifications, go
-- A dry run does the work and takes it back, so that its report is the true one.
CREATE FUNCTION purge_old_data(retention_days int, dry_run boolean DEFAULT false)
RETURNS TABLE (item text, amount bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    report jsonb;
BEGIN
    PERFORM require_role('admin', 'system', 'maintenance');
    IF retention_days IS NULL OR retention_days < 1 THEN
        RAISE EXCEPTION 'retention must be at least one day, not %', retention_days
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    BEGIN
        report := purge_before(now() - make_interval(days => retention_days));
        IF dry_run THEN
            RAISE EXCEPTION 'dry run' USING ERRCODE = 'SL001';
        END IF;
        PERFORM audit_write('PURGE', 'sightings', NULL, NULL, report || jsonb_build_object('retention_days', retention_days));
    EXCEPTION WHEN SQLSTATE 'SL001' THEN
        NULL;   -- the work of this block is undone, the report stays
    END;
    RETURN QUERY SELECT key, value::bigint FROM jsonb_each_text(report) ORDER BY key;
END
$$;

CREATE FUNCTION purge_before(cutoff timestamptz) RETURNS jsonb
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    part record;
    counted bigint;
    alerts_kept bigint;
    dropped bigint := 0;
    gone bigint := 0;
    objects bigint := 0;
    media bigint;
    tokens bigint;
    notices bigint;
BEGIN
    PERFORM set_config('sightline.batch', 'on', true);
    UPDATE alerts SET subject_id = NULL, sighting_id = NULL, sighting_detected_at = NULL, message = '[anonymised]',
        anonymised_at = now() WHERE sighting_detected_at < cutoff;
    GET DIAGNOSTICS alerts_kept = ROW_COUNT;

    INSERT INTO object_deletions (object_key, reason)
    SELECT key, 'retention' FROM sightings s, LATERAL (VALUES (s.image_path), (s.frame_path)) AS o(key)
    WHERE s.detected_at < cutoff AND key IS NOT NULL;
    GET DIAGNOSTICS objects = ROW_COUNT;

    FOR part IN
        SELECT c.oid, c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'sightings'::regclass AND c.relname ~ '^sightings_[0-9]{4}_[0-9]{2}$'
            AND make_timestamptz(substr(c.relname, 11, 4)::int, substr(c.relname, 16, 2)::int, 1, 0, 0, 0, 'UTC')
                AT TIME ZONE 'UTC' + interval '1 month' <= cutoff AT TIME ZONE 'UTC'
        ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT count(*) FROM %I', part.relname) INTO counted;
        EXECUTE format('ALTER TABLE sightings DETACH PARTITION %I', part.relname);
        EXECUTE format('DROP TABLE %I', part.relname);
        PERFORM audit_write('DELETE', 'sightings', NULL, NULL,
            jsonb_build_object('partition', part.relname), NULL, counted::int);
        dropped := dropped + 1;
        gone := gone + counted;
    END LOOP;

    DELETE FROM sightings WHERE detected_at < cutoff;
    GET DIAGNOSTICS counted = ROW_COUNT;
    media := purge_expired_media();
    DELETE FROM refresh_tokens WHERE expires_at < now();
    GET DIAGNOSTICS tokens = ROW_COUNT;
    DELETE FROM notification_outbox WHERE status = 'delivered' AND delivered_at < cutoff;
    GET DIAGNOSTICS notices = ROW_COUNT;
    PERFORM set_config('sightline.batch', '', true);
    RETURN jsonb_build_object('alerts_anonymised', alerts_kept, 'partitions_dropped', dropped,
        'sightings_in_dropped_partitions', gone, 'sightings_deleted', counted, 'objects_queued', objects,
        'unknown_people_cleared', media, 'tokens_deleted', tokens, 'notifications_deleted', notices);
END
$$;

-- erase_subject(id): the person goes, with templates, pictures and every trace in sightings, alerts and audit payloads.
-- Returns what was done; the audit chain still verifies, and carries the erasure itself.
CREATE FUNCTION erase_subject(subject_id uuid) RETURNS TABLE (item text, amount bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    person uuid := erase_subject.subject_id;
    pictures bigint;
    seen bigint;
    listed bigint;
    told bigint;
    payloads bigint;
    event uuid;
    -- how an audited row may name the person beside being about them
    mentions jsonb[] := ARRAY[jsonb_build_object('subject_id', person),
        jsonb_build_object('candidates', jsonb_build_array(jsonb_build_object('subject', person)))];
BEGIN
    PERFORM require_role('admin', 'system', 'operator');
    PERFORM 1 FROM subjects WHERE id = person FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no subject %', person USING ERRCODE = 'no_data_found';
    END IF;
    PERFORM set_config('sightline.batch', 'on', true);
    INSERT INTO object_deletions (object_key, reason)
    SELECT key, 'erasure' FROM (
        SELECT image_path AS key FROM sightings WHERE subject_id = person
        UNION SELECT frame_path FROM sightings WHERE subject_id = person
        UNION SELECT portrait_path FROM subjects WHERE id = person) AS o WHERE key IS NOT NULL;
    UPDATE sightings SET subject_id = NULL, confidence = NULL, image_path = NULL, frame_path = NULL, embedding = NULL,
        model_version = NULL, candidates = '[]', metadata = '{}', anonymised_at = now() WHERE subject_id = person;
    GET DIAGNOSTICS seen = ROW_COUNT;
    -- in other people's ranked candidates only the entry goes
    UPDATE sightings SET candidates = coalesce((SELECT jsonb_agg(c ORDER BY n)
            FROM jsonb_array_elements(candidates) WITH ORDINALITY AS e(c, n) WHERE c ->> 'subject' <> person::text), '[]')
        WHERE candidates @> jsonb_build_array(jsonb_build_object('subject', person::text));
    GET DIAGNOSTICS listed = ROW_COUNT;
    UPDATE alerts SET subject_id = NULL, message = '[anonymised]', anonymised_at = now() WHERE subject_id = person;
    GET DIAGNOSTICS told = ROW_COUNT;
    DELETE FROM images WHERE subject_id = person;
    GET DIAGNOSTICS pictures = ROW_COUNT;
    DELETE FROM subjects WHERE id = person;
    event := audit_write('ERASE', 'subjects', person::text, NULL, NULL);
    UPDATE audit_payloads p SET subject_id = NULL, salt = NULL, old_values = NULL, new_values = NULL,
        erased_at = now(), erased_by = event
    WHERE p.erased_at IS NULL AND (p.subject_id = person
        OR p.old_values @> ANY (mentions) OR p.new_values @> ANY (mentions));
    GET DIAGNOSTICS payloads = ROW_COUNT;
    PERFORM set_config('sightline.batch', '', true);
    RETURN QUERY SELECT * FROM (VALUES ('images_deleted', pictures), ('sightings_anonymised', seen),
        ('candidate_lists_cleaned', listed), ('alerts_anonymised', told), ('audit_payloads_erased', payloads)) AS r(item, amount);
END
$$;

REVOKE EXECUTE ON FUNCTION purge_before(timestamptz), move_stray_sightings(text, timestamptz, timestamptz) FROM PUBLIC;

SELECT create_partitions_ahead();
