-- Alerts that people handle: who looks after one, how it ended, whether a second person confirmed the match, and the
-- history of all that. Sealed secrets of channels, deliveries that are held, browsers that receive pushes, layouts.

ALTER TABLE alerts
    ADD COLUMN assigned_to uuid REFERENCES users ON DELETE SET NULL,
    ADD COLUMN verdict text CHECK (verdict IN ('true_match', 'false_match', 'test', 'unclear')),
    ADD COLUMN verification text NOT NULL DEFAULT 'not_needed'
        CHECK (verification IN ('not_needed', 'pending', 'confirmed', 'refused')),
    ADD COLUMN verified_at timestamptz,
    ADD COLUMN verified_by uuid REFERENCES users ON DELETE SET NULL,
    ADD COLUMN severity_rank smallint NOT NULL GENERATED ALWAYS AS
        (CASE severity WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END) STORED;
CREATE INDEX ix_alerts_assigned_to ON alerts (assigned_to, created_at DESC, id DESC);
CREATE INDEX ix_alerts_verified_by ON alerts (verified_by);
CREATE INDEX ix_alerts_status ON alerts (status, created_at DESC, id DESC);
CREATE INDEX ix_alerts_verdict ON alerts (verdict, created_at DESC, id DESC) WHERE verdict IS NOT NULL;
CREATE INDEX ix_alerts_severity_rank ON alerts (severity_rank DESC, id DESC);
CREATE INDEX ix_alerts_subject_id ON alerts (subject_id, created_at DESC, id DESC);
-- the same columns in the order of the list
DROP INDEX ix_alerts_camera_id;
CREATE INDEX ix_alerts_camera_id ON alerts (camera_id, created_at DESC, id DESC);

-- Where the house wants a second person, every match starts unconfirmed, whoever raises it.
CREATE FUNCTION ask_for_verification() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.subject_id IS NOT NULL AND coalesce((SELECT value -> 'match_needs_verification' = 'true'::jsonb
            FROM settings WHERE key = 'privacy'), false) THEN
        NEW.verification := 'pending';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER ask_for_verification BEFORE INSERT ON alerts FOR EACH ROW EXECUTE FUNCTION ask_for_verification();

-- What happened to an alert; only ever added to. Its beginning is the alert's own created_at.
CREATE TABLE alert_events (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    alert_id uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    user_id uuid REFERENCES users ON DELETE SET NULL,     -- null: the machine, or an account that is gone
    kind text NOT NULL
        CHECK (kind IN ('acknowledged', 'resolved', 'reopened', 'assigned', 'commented', 'confirmed', 'refused')),
    note text NOT NULL DEFAULT '',
    verdict text,                                         -- of 'resolved'
    assigned_to uuid REFERENCES users ON DELETE SET NULL, -- of 'assigned'; null: to nobody
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ix_alert_events_alert_id ON alert_events (alert_id, id);
CREATE INDEX ix_alert_events_user_id ON alert_events (user_id);
CREATE INDEX ix_alert_events_assigned_to ON alert_events (assigned_to);

-- An alert that loses its person loses what people wrote about them.
CREATE FUNCTION forget_alert_notes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE alert_events SET note = '' WHERE alert_id = NEW.id AND note <> '';
    RETURN NULL;
END
$$;
CREATE TRIGGER forget_alert_notes AFTER UPDATE OF anonymised_at ON alerts FOR EACH ROW
    WHEN (OLD.anonymised_at IS NULL AND NEW.anonymised_at IS NOT NULL) EXECUTE FUNCTION forget_alert_notes();

-- Who may look after an alert of this camera: operators do not see each other's groups, so the database tells.
CREATE FUNCTION alert_handlers(camera uuid) RETURNS TABLE (id uuid, username text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_role('admin', 'system', 'operator');
    RETURN QUERY SELECT u.id, u.username FROM users u JOIN cameras c ON c.id = camera
        WHERE u.is_active AND (u.role = 'admin' OR u.role = 'operator' AND (c.group_id IS NULL OR EXISTS (
            SELECT FROM user_camera_groups g WHERE g.user_id = u.id AND g.group_id = c.group_id)))
        ORDER BY u.username;
END
$$;

-- Secrets are sealed by the application (core/sealing.py). No channel had any before there was an API for them.
ALTER TABLE notification_channels DROP COLUMN secrets;
ALTER TABLE notification_channels ADD COLUMN secrets bytea;

-- Deliveries: also tests, which tell of no alert, and those that wait for a second person.
ALTER TABLE notification_outbox
    ALTER COLUMN alert_id DROP NOT NULL,
    ADD COLUMN is_test boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT notification_outbox_status_check,
    ADD CONSTRAINT notification_outbox_status_check
        CHECK (status IN ('held', 'pending', 'delivered', 'failed', 'cancelled')),
    ADD CONSTRAINT notification_outbox_tells_of_an_alert CHECK ((alert_id IS NULL) = is_test);
DROP INDEX ix_notification_outbox_channel_id;
CREATE INDEX ix_notification_outbox_channel_id ON notification_outbox (channel_id, created_at DESC, id DESC);

-- Nothing about an unconfirmed match leaves the house, whoever queues it; confirming lets it go, refusing ends it.
CREATE FUNCTION hold_notification() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    state text := (SELECT verification FROM alerts WHERE id = NEW.alert_id);
BEGIN
    NEW.status := CASE state WHEN 'pending' THEN 'held' WHEN 'refused' THEN 'cancelled' ELSE NEW.status END;
    RETURN NEW;
END
$$;
CREATE TRIGGER hold_notification BEFORE INSERT ON notification_outbox FOR EACH ROW
    WHEN (NEW.alert_id IS NOT NULL) EXECUTE FUNCTION hold_notification();

CREATE FUNCTION release_notifications() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE notification_outbox SET next_attempt_at = now(),
        status = CASE NEW.verification WHEN 'refused' THEN 'cancelled' ELSE 'pending' END
    WHERE alert_id = NEW.id AND status = 'held';
    RETURN NULL;
END
$$;
CREATE TRIGGER release_notifications AFTER UPDATE OF verification ON alerts FOR EACH ROW
    WHEN (OLD.verification = 'pending' AND NEW.verification <> 'pending') EXECUTE FUNCTION release_notifications();

-- What those who write rules may know of channels.
CREATE VIEW channel_names AS
SELECT id, name, kind, is_active FROM notification_channels
WHERE (SELECT sightline_role()) IN ('admin', 'system', 'operator', 'viewer', 'worker');

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

-- Browsers that receive pushes. The address is a capability: sealed, and looked for by its digest.
CREATE TABLE push_subscriptions (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    endpoint_hash bytea NOT NULL UNIQUE,
    host text NOT NULL,
    device text NOT NULL DEFAULT '',
    secrets bytea NOT NULL,               -- sealed: the address and the browser's two keys
    expires_at timestamptz,
    last_used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_push_subscriptions_user_id ON push_subscriptions (user_id);

-- A browser belongs to whoever subscribed with it last: the one before would be told on somebody else's screen.
CREATE FUNCTION take_over_push_subscription() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM push_subscriptions WHERE endpoint_hash = NEW.endpoint_hash AND user_id <> NEW.user_id;
    RETURN NEW;
END
$$;
CREATE TRIGGER take_over_push_subscription BEFORE INSERT ON push_subscriptions FOR EACH ROW
    EXECUTE FUNCTION take_over_push_subscription();

-- How somebody arranged their screens. The page alone reads content, hence json and not jsonb.
CREATE TABLE layouts (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL CHECK (name <> ''),
    kind text NOT NULL CHECK (kind IN ('live', 'dashboard')),
    content json NOT NULL,
    is_shared boolean NOT NULL DEFAULT false,
    is_default boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_layouts_name ON layouts (user_id, kind, lower(name));
CREATE UNIQUE INDEX uq_layouts_default ON layouts (user_id, kind) WHERE is_default;
CREATE INDEX ix_layouts_shared ON layouts (lower(name), id) WHERE is_shared;

CREATE TRIGGER set_updated_at BEFORE UPDATE ON push_subscriptions FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON layouts FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON alert_events FOR EACH ROW
    EXECUTE FUNCTION audit_trigger('id', 'note', '');
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON push_subscriptions FOR EACH ROW
    EXECUTE FUNCTION audit_trigger('id', 'secrets,endpoint_hash', 'last_used_at');
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON layouts FOR EACH ROW
    EXECUTE FUNCTION audit_trigger('id', 'content', '');

DO $$
DECLARE
    item text;
BEGIN
    FOREACH item IN ARRAY ARRAY['alert_events', 'push_subscriptions', 'layouts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', item);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', item);
        EXECUTE format('CREATE POLICY owner_everything ON %I TO sightline_owner USING (true) WITH CHECK (true)', item);
    END LOOP;
END
$$;

GRANT SELECT ON channel_names TO sightline_app;
GRANT SELECT, INSERT ON alert_events TO sightline_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON push_subscriptions, layouts TO sightline_app;

-- EXISTS (SELECT FROM alerts …) is filtered by the policies of alerts, and those by the ones of cameras.
CREATE POLICY with_alert ON alert_events FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'operator', 'viewer')
        AND EXISTS (SELECT FROM alerts a WHERE a.id = alert_id));
CREATE POLICY add ON alert_events FOR INSERT TO sightline_app
    WITH CHECK ((SELECT sightline_role()) IN ('admin', 'system', 'operator')
        AND user_id IS NOT DISTINCT FROM (SELECT sightline_user_id())
        AND EXISTS (SELECT FROM alerts a WHERE a.id = alert_id));
CREATE POLICY own ON push_subscriptions FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'operator', 'viewer') AND user_id = (SELECT sightline_user_id()));
CREATE POLICY send ON push_subscriptions FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('system', 'worker'));
CREATE POLICY own ON layouts FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'operator', 'viewer') AND user_id = (SELECT sightline_user_id()));
CREATE POLICY shared ON layouts FOR SELECT TO sightline_app
    USING (is_shared AND (SELECT sightline_role()) IN ('admin', 'operator', 'viewer'));
CREATE POLICY manage ON layouts FOR ALL TO sightline_app USING ((SELECT sightline_role()) = 'system');

-- Rules of a camera or group belong to those who see it: nobody reads, changes or removes those of another site.
-- Rules of neither are everybody's. A rule's channels go with it.
DROP POLICY read ON alert_rules;
DROP POLICY manage ON alert_rules;
DROP POLICY manage ON alert_rule_channels;
CREATE POLICY read ON alert_rules FOR SELECT TO sightline_app USING ((SELECT sightline_role()) = 'worker');
CREATE POLICY manage ON alert_rules FOR ALL TO sightline_app USING ((SELECT sightline_role()) IN ('admin', 'system'));
CREATE POLICY by_group ON alert_rules FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) = 'viewer'
        AND (camera_id IS NULL OR camera_id IN (SELECT c.id FROM cameras c))
        AND (group_id IS NULL OR group_id IN
            (SELECT g.group_id FROM user_camera_groups g WHERE g.user_id = (SELECT sightline_user_id()))));
CREATE POLICY operate ON alert_rules FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) = 'operator'
        AND (camera_id IS NULL OR camera_id IN (SELECT c.id FROM cameras c))
        AND (group_id IS NULL OR group_id IN
            (SELECT g.group_id FROM user_camera_groups g WHERE g.user_id = (SELECT sightline_user_id()))));
CREATE POLICY manage ON alert_rule_channels FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system'));
CREATE POLICY with_rule ON alert_rule_channels FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) = 'operator' AND EXISTS (SELECT FROM alert_rules r WHERE r.id = rule_id));
