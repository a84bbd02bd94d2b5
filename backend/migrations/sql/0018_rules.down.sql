DROP FUNCTION follow_sightings(uuid[], timestamptz[]);
DROP FUNCTION raise_alerts_by_rules(uuid[], uuid[], timestamptz[], uuid[], timestamptz[], text[]);
-- An alert by a rule, in its severity or else the watchlist's. A new alert that the watchlist raised for the same
-- sighting becomes the rule's, so that nobody is told twice. Returns the alert, or null where the rule has told of this
-- person at this camera within its pause.
CREATE FUNCTION raise_alert_by_rule(
    rule uuid, sighting uuid, detected timestamptz, matched timestamptz, text_of_alert text
) RETURNS TABLE (id uuid, severity text, message text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    ranks CONSTANT text[] := ARRAY['low', 'medium', 'high', 'critical'];
    asked alert_rules;
    seen sightings;
    pause interval;
BEGIN
    PERFORM require_role('worker', 'system');
    SELECT * INTO asked FROM alert_rules r WHERE r.id = rule FOR SHARE;
    SELECT * INTO seen FROM sightings s WHERE s.id = sighting AND s.detected_at = detected;
    pause := make_interval(secs => asked.cooldown_seconds);
    IF asked.id IS NULL OR seen.subject_id IS NULL OR EXISTS (
        SELECT FROM alerts a WHERE a.rule_id = rule AND a.subject_id = seen.subject_id AND a.camera_id = seen.camera_id
            AND (a.sighting_id = sighting OR a.matched_at BETWEEN matched - pause AND matched + pause)) THEN
        RETURN;
    END IF;
    RETURN QUERY UPDATE alerts a SET rule_id = rule,
            severity = ranks[greatest(array_position(ranks, asked.severity), array_position(ranks, a.severity))]
        WHERE a.sighting_id = sighting AND a.sighting_detected_at = detected AND a.rule_id IS NULL AND a.status = 'new'
            AND a.subject_id = seen.subject_id
        RETURNING a.id, a.severity, a.message;
    IF FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY INSERT INTO alerts AS a (sighting_id, sighting_detected_at, camera_id, subject_id, watchlist_id,
            rule_id, severity, message, matched_at)
        SELECT seen.id, seen.detected_at, seen.camera_id, seen.subject_id, s.watchlist_id, rule,
            coalesce(asked.severity, CASE l.priority WHEN 5 THEN 'critical' WHEN 4 THEN 'high' WHEN 3 THEN 'medium'
                ELSE 'low' END), text_of_alert, matched
        FROM subjects s LEFT JOIN watchlists l ON l.id = s.watchlist_id WHERE s.id = seen.subject_id
        RETURNING a.id, a.severity, a.message;
END
$$;
DROP TRIGGER queue_insert ON sightings;
DROP TRIGGER queue_update ON sightings;
DROP FUNCTION queue_for_rules();
DROP TABLE rule_queue;

DELETE FROM alert_events WHERE kind = 'identity_changed';
ALTER TABLE alert_events
    DROP CONSTRAINT alert_events_kind_check,
    ADD CONSTRAINT alert_events_kind_check CHECK
        (kind IN ('acknowledged', 'resolved', 'reopened', 'assigned', 'commented', 'confirmed', 'refused'));
DROP INDEX ix_alerts_rule_id;
CREATE INDEX ix_alerts_rule_id ON alerts (rule_id);
ALTER TABLE alerts DROP COLUMN similarity, DROP COLUMN identity;

-- What the older program does not know would hold for everything there.
UPDATE alert_rules SET is_active = false
WHERE unknown_person OR zone IS NOT NULL OR max_fmr IS NOT NULL OR frequency_count IS NOT NULL
    OR co_presence_subject_id IS NOT NULL OR snoozed_until > now();
ALTER TABLE alert_rules
    DROP CONSTRAINT alert_rules_co_presence_is_whole,
    DROP CONSTRAINT alert_rules_frequency_is_whole,
    DROP COLUMN quiet_hours,
    DROP COLUMN snoozed_until,
    DROP COLUMN cooldown_scope,
    DROP COLUMN co_presence_place,
    DROP COLUMN co_presence_seconds,
    DROP COLUMN co_presence_subject_id,
    DROP COLUMN frequency_place,
    DROP COLUMN frequency_seconds,
    DROP COLUMN frequency_count,
    DROP COLUMN max_fmr,
    DROP COLUMN zone,
    DROP COLUMN unknown_after_seconds,
    DROP COLUMN unknown_person;
