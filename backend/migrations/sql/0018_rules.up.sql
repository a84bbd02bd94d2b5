-- Alert rules as an engine: what rules ask for, a queue of sightings that are to be evaluated, and alerts that follow
-- their sighting.

ALTER TABLE alert_rules
    ADD COLUMN unknown_person boolean NOT NULL DEFAULT false,
    ADD COLUMN unknown_after_seconds integer NOT NULL DEFAULT 10 CHECK (unknown_after_seconds BETWEEN 0 AND 86400),
    ADD COLUMN zone json,                                     -- polygons: [[[x, y], ...], ...], shares of the picture
    ADD COLUMN max_fmr double precision CHECK (max_fmr > 0 AND max_fmr < 1),
    ADD COLUMN frequency_count integer CHECK (frequency_count >= 2),
    ADD COLUMN frequency_seconds integer CHECK (frequency_seconds > 0),
    ADD COLUMN frequency_place text CHECK (frequency_place IN ('camera', 'anywhere')),
    ADD COLUMN co_presence_subject_id uuid REFERENCES subjects ON DELETE CASCADE,
    ADD COLUMN co_presence_seconds integer CHECK (co_presence_seconds >= 0),
    ADD COLUMN co_presence_place text CHECK (co_presence_place IN ('camera', 'group')),
    ADD COLUMN cooldown_scope text NOT NULL DEFAULT 'subject_and_camera'
        CHECK (cooldown_scope IN ('subject_and_camera', 'subject', 'rule')),
    ADD COLUMN snoozed_until timestamptz,
    ADD COLUMN quiet_hours json,
    ADD CONSTRAINT alert_rules_frequency_is_whole CHECK (num_nulls(frequency_count, frequency_seconds, frequency_place) IN (0, 3)),
    ADD CONSTRAINT alert_rules_co_presence_is_whole
        CHECK (num_nulls(co_presence_subject_id, co_presence_seconds, co_presence_place) IN (0, 3));
CREATE INDEX ix_alert_rules_co_presence_subject_id ON alert_rules (co_presence_subject_id);

-- similarity: the best one of its sighting so far. identity: whom the machine takes the sighting for by now: the same
-- person, another one, nobody.
ALTER TABLE alerts
    ADD COLUMN similarity real CHECK (similarity BETWEEN -1 AND 1),
    ADD COLUMN identity text NOT NULL DEFAULT 'same' CHECK (identity IN ('same', 'other', 'unknown'));
UPDATE alerts a SET similarity = s.confidence FROM sightings s
WHERE s.id = a.sighting_id AND s.detected_at = a.sighting_detected_at AND s.subject_id = a.subject_id;
DROP INDEX ix_alerts_rule_id;
CREATE INDEX ix_alerts_rule_id ON alerts (rule_id, matched_at DESC);   -- cool-down of a whole rule

ALTER TABLE alert_events
    DROP CONSTRAINT alert_events_kind_check,
    ADD CONSTRAINT alert_events_kind_check CHECK (kind IN ('acknowledged', 'resolved', 'reopened', 'assigned', 'commented',
        'confirmed', 'refused', 'identity_changed'));

-- Sightings that rules have not looked at yet, in the state they have now. One row per sighting waits; one that an
-- engine is working on does not count, for it may have read the state before. No foreign key: partitions are dropped
-- whole, and an engine removes what it does not find. Filled and emptied all day: vacuumed by number of dead rows.
CREATE TABLE rule_queue (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sighting_id uuid NOT NULL,
    detected_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    set_aside_at timestamptz,             -- it failed again and again: nobody tries it any more
    reason text                           -- why it failed; names no person
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE INDEX ix_rule_queue_due_at ON rule_queue (due_at, id) WHERE set_aside_at IS NULL;
CREATE INDEX ix_rule_queue_sighting_id ON rule_queue (sighting_id);
CREATE INDEX ix_rule_queue_set_aside_at ON rule_queue (set_aside_at) WHERE set_aside_at IS NOT NULL;

-- Whoever writes a sighting queues it, in the same transaction, where a rule is in force or an alert follows it.
-- Only what the machine changes counts: a person's decisions act on alerts themselves (services/corrections.py), and
-- erasure, merging and retention touch what is long past. Nobody waits here: rows that an engine holds are passed over,
-- and rows that are held here are passed over by engines until the commit.
CREATE FUNCTION queue_for_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    ruled boolean := EXISTS (SELECT FROM alert_rules WHERE is_active);
    told boolean := false;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF ruled THEN
            INSERT INTO rule_queue (sighting_id, detected_at) SELECT n.id, n.detected_at FROM new_rows n
            WHERE n.anonymised_at IS NULL;
            told := FOUND;
        END IF;
    ELSIF sightline_role() = 'worker' THEN
        WITH changed AS (
            SELECT n.id, n.detected_at FROM new_rows n JOIN old_rows o USING (id, detected_at)
            WHERE n.anonymised_at IS NULL
                AND (n.subject_id, n.confidence, n.bounding_box, n.last_seen_at, n.closed_at)
                    IS DISTINCT FROM (o.subject_id, o.confidence, o.bounding_box, o.last_seen_at, o.closed_at)
                AND (ruled OR EXISTS (SELECT FROM alerts a
                    WHERE a.sighting_id = n.id AND a.sighting_detected_at = n.detected_at))
        ), waiting AS (
            SELECT q.id, q.sighting_id FROM rule_queue q
            WHERE q.sighting_id IN (SELECT c.id FROM changed c) AND q.set_aside_at IS NULL
            FOR UPDATE SKIP LOCKED
        ), hastened AS (
            UPDATE rule_queue q SET due_at = now() FROM waiting w WHERE q.id = w.id AND q.due_at > now()
        )
        INSERT INTO rule_queue (sighting_id, detected_at)
        SELECT c.id, c.detected_at FROM changed c
        WHERE NOT EXISTS (SELECT FROM waiting w WHERE w.sighting_id = c.id);
        told := true;
    END IF;
    IF told THEN
        PERFORM pg_notify('sightline_rules', '');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER queue_insert AFTER INSERT ON sightings REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION queue_for_rules();
CREATE TRIGGER queue_update AFTER UPDATE ON sightings REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION queue_for_rules();

-- Alerts by rules: element n of each array is one that a rule asks for. Given in an order that all engines share (by
-- what cool-down counts over), so that two of them cannot lock each other out. Under the lock the alerts of the other
-- engine are visible: what it raised is not raised again. In the rule's severity or else the watchlist's. An alert that
-- the watchlist raised for the same sighting becomes the rule's, so that nobody is told twice.
-- Returns the alerts that there are now, with n; none where the rule told of this within its pause, the sighting shows
-- somebody else by now, or the rule is off.
CREATE FUNCTION raise_alerts_by_rules(
    rule_ids uuid[], sighting_ids uuid[], detected timestamptz[], subject_ids uuid[], matched timestamptz[], texts text[]
) RETURNS TABLE (place integer, id uuid, severity text, message text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    ranks CONSTANT text[] := ARRAY['low', 'medium', 'high', 'critical'];
    asked alert_rules;
    seen sightings;
    pause interval;
BEGIN
    PERFORM require_role('worker', 'system');
    FOR n IN 1 .. cardinality(rule_ids) LOOP
        SELECT * INTO asked FROM alert_rules r WHERE r.id = rule_ids[n] AND r.is_active FOR KEY SHARE;
        CONTINUE WHEN NOT FOUND;
        PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws('/', 'rule', asked.id,
            CASE WHEN asked.cooldown_scope <> 'rule' THEN coalesce(subject_ids[n]::text, 'unknown') END,
            CASE WHEN asked.cooldown_scope = 'subject_and_camera' THEN
                (SELECT s.camera_id::text FROM sightings s WHERE s.id = sighting_ids[n] AND s.detected_at = detected[n]) END), 0));
        SELECT * INTO seen FROM sightings s WHERE s.id = sighting_ids[n] AND s.detected_at = detected[n];
        pause := make_interval(secs => asked.cooldown_seconds);
        CONTINUE WHEN seen.id IS NULL OR seen.anonymised_at IS NOT NULL
            OR seen.subject_id IS DISTINCT FROM subject_ids[n] OR asked.unknown_person <> (seen.subject_id IS NULL)
            OR EXISTS (SELECT FROM alerts a WHERE a.rule_id = asked.id AND a.sighting_id = seen.id
                AND a.subject_id IS NOT DISTINCT FROM seen.subject_id)
            OR EXISTS (SELECT FROM alerts a WHERE a.rule_id = asked.id AND a.anonymised_at IS NULL
                AND a.matched_at BETWEEN matched[n] - pause AND matched[n] + pause
                AND (asked.cooldown_scope = 'rule' OR a.subject_id IS NOT DISTINCT FROM seen.subject_id)
                AND (asked.cooldown_scope <> 'subject_and_camera' OR a.camera_id = seen.camera_id));
        RETURN QUERY UPDATE alerts a SET rule_id = asked.id,
                severity = ranks[greatest(array_position(ranks, asked.severity), array_position(ranks, a.severity))]
            WHERE a.sighting_id = seen.id AND a.sighting_detected_at = seen.detected_at AND a.rule_id IS NULL
                AND a.status <> 'resolved' AND a.subject_id = seen.subject_id
            RETURNING n, a.id, a.severity, a.message;
        CONTINUE WHEN FOUND;
        RETURN QUERY INSERT INTO alerts AS a (sighting_id, sighting_detected_at, camera_id, subject_id, watchlist_id,
                rule_id, severity, message, matched_at, similarity)
            SELECT seen.id, seen.detected_at, seen.camera_id, seen.subject_id, s.watchlist_id, asked.id,
                coalesce(asked.severity, CASE l.priority WHEN 5 THEN 'critical' WHEN 4 THEN 'high' WHEN 3 THEN 'medium'
                    ELSE 'low' END), texts[n], matched[n], seen.confidence
            FROM (SELECT 1) AS one LEFT JOIN subjects s ON s.id = seen.subject_id
            LEFT JOIN watchlists l ON l.id = s.watchlist_id
            RETURNING n, a.id, a.severity, a.message;
    END LOOP;
END
$$;
DROP FUNCTION raise_alert_by_rule(uuid, uuid, timestamptz, timestamptz, text);

-- Alerts that are open follow their sighting: a better match, or somebody else. Returns those that changed.
CREATE FUNCTION follow_sightings(sighting_ids uuid[], detected timestamptz[]) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    item record;
BEGIN
    PERFORM require_role('worker', 'system');
    FOR item IN
        SELECT a.id, a.identity AS before, s.confidence, CASE WHEN s.subject_id IS NOT DISTINCT FROM a.subject_id
            THEN 'same' WHEN s.subject_id IS NULL THEN 'unknown' ELSE 'other' END AS after
        FROM unnest(sighting_ids, detected) AS g(id, detected_at)
        JOIN alerts a ON a.sighting_id = g.id AND a.sighting_detected_at = g.detected_at
        JOIN sightings s ON s.id = g.id AND s.detected_at = g.detected_at
        WHERE a.status <> 'resolved' AND a.anonymised_at IS NULL AND s.anonymised_at IS NULL AND s.verdict IS NULL
        ORDER BY a.id FOR UPDATE OF a
    LOOP
        UPDATE alerts a SET identity = item.after,
            similarity = CASE item.after WHEN 'same' THEN greatest(a.similarity, item.confidence) ELSE a.similarity END
        WHERE a.id = item.id AND (a.identity <> item.after OR item.after = 'same' AND item.confidence > coalesce(a.similarity, -2));
        IF FOUND THEN
            RETURN NEXT item.id;
        END IF;
        IF item.before <> item.after THEN
            INSERT INTO alert_events (alert_id, kind, note) VALUES (item.id, 'identity_changed', CASE item.after
                WHEN 'same' THEN 'The sighting shows the same person again.'
                WHEN 'other' THEN 'The sighting is now taken for another person.'
                ELSE 'The person is no longer recognised in the sighting.' END);
        END IF;
    END LOOP;
END
$$;

ALTER TABLE rule_queue ENABLE ROW LEVEL SECURITY;
ALTER TABLE rule_queue FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_everything ON rule_queue TO sightline_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON rule_queue TO sightline_app;
CREATE POLICY work ON rule_queue FOR ALL TO sightline_app USING ((SELECT sightline_role()) IN ('worker', 'system'));

REVOKE EXECUTE ON FUNCTION raise_alerts_by_rules(uuid[], uuid[], timestamptz[], uuid[], timestamptz[], text[]),
    follow_sightings(uuid[], timestamptz[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION raise_alerts_by_rules(uuid[], uuid[], timestamptz[], uuid[], timestamptz[], text[]),
    follow_sightings(uuid[], timestamptz[]) TO sightline_app;
