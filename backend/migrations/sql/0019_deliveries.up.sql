-- Notifications that arrive: who has claimed a delivery, when it is given up, what each attempt came to, how well a
-- channel does, and how fast it may be told.

ALTER TABLE notification_channels
    DROP CONSTRAINT notification_channels_kind_check,
    ADD CONSTRAINT notification_channels_kind_check CHECK (kind IN
        ('email', 'webhook', 'slack', 'teams', 'sms', 'push', 'web_push', 'telegram', 'mqtt')),
    ADD COLUMN rate_per_minute integer NOT NULL DEFAULT 30 CHECK (rate_per_minute BETWEEN 1 AND 6000),
    ADD COLUMN paused_at timestamptz;    -- since when deliveries wait; is_active = false queues none at all

-- level: 0 when the alert is raised, n at the n-th step of its escalation. reached: those of several recipients that
-- have it already, so that a second attempt does not tell them again. attempts is the number of the claim as well.
ALTER TABLE notification_outbox
    ADD COLUMN level smallint NOT NULL DEFAULT 0 CHECK (level BETWEEN 0 AND 100),
    ADD COLUMN claimed_until timestamptz,
    ADD COLUMN give_up_at timestamptz NOT NULL DEFAULT now() + interval '24 hours',
    ADD COLUMN reached text[] NOT NULL DEFAULT '{}',
    DROP CONSTRAINT uq_notification_outbox_alert_channel,
    ADD CONSTRAINT uq_notification_outbox_alert_channel_level UNIQUE (alert_id, channel_id, level);
DROP INDEX ix_notification_outbox_due;
CREATE INDEX ix_notification_outbox_due ON notification_outbox (channel_id, next_attempt_at) WHERE status = 'pending';

CREATE TABLE delivery_attempts (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    delivery_id uuid NOT NULL REFERENCES notification_outbox ON DELETE CASCADE,
    attempt integer NOT NULL CHECK (attempt > 0),
    outcome text NOT NULL CHECK (outcome IN ('delivered', 'failed', 'refused')),  -- refused: trying again is of no use
    detail text NOT NULL,
    started_at timestamptz NOT NULL,
    duration_ms integer NOT NULL CHECK (duration_ms >= 0)
);
CREATE INDEX ix_delivery_attempts_delivery_id ON delivery_attempts (delivery_id, id);

-- One row per channel that was ever told. opened_until: the circuit is open until then, and the first delivery
-- afterwards is a probe. rate_at: when the next delivery is in time (GCRA, the virtual schedule of ITU-T I.371).
CREATE TABLE channel_health (
    channel_id uuid PRIMARY KEY REFERENCES notification_channels ON DELETE CASCADE,
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),  -- in a row
    openings integer NOT NULL DEFAULT 0 CHECK (openings >= 0),  -- in a row: each lasts longer
    opened_until timestamptz,
    rate_at timestamptz NOT NULL DEFAULT now(),
    last_delivered_at timestamptz,
    last_failed_at timestamptz,
    last_error text,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON channel_health FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- What comes to its end is on record, one row each; that somebody tries is not.
DROP TRIGGER audit_update ON notification_outbox;
CREATE TRIGGER audit_update AFTER UPDATE ON notification_outbox FOR EACH ROW
    EXECUTE FUNCTION audit_trigger('id', '', 'attempts,next_attempt_at,last_error,claimed_until,give_up_at,reached');
CREATE TRIGGER audit_insert AFTER INSERT ON delivery_attempts REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit_batch('delivery_id');
CREATE TRIGGER audit_update AFTER UPDATE ON delivery_attempts REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit_batch('delivery_id');
CREATE TRIGGER audit_delete AFTER DELETE ON delivery_attempts REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit_batch('delivery_id');
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON channel_health FOR EACH ROW
    EXECUTE FUNCTION audit_trigger('channel_id', '', 'failures,rate_at,last_delivered_at,last_failed_at,last_error');

-- Workers are woken as soon as something is due; notices of one transaction arrive as one.
CREATE FUNCTION announce_delivery() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_notify('sightline_deliveries', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER announce_new AFTER INSERT ON notification_outbox FOR EACH ROW
    WHEN (NEW.status = 'pending') EXECUTE FUNCTION announce_delivery();
CREATE TRIGGER announce_due AFTER UPDATE OF status ON notification_outbox FOR EACH ROW
    WHEN (NEW.status = 'pending' AND OLD.status <> 'pending') EXECUTE FUNCTION announce_delivery();
CREATE TRIGGER announce_resumed AFTER UPDATE ON notification_channels FOR EACH ROW
    WHEN (NEW.paused_at IS NULL AND OLD.paused_at IS NOT NULL OR NEW.is_active AND NOT OLD.is_active)
    EXECUTE FUNCTION announce_delivery();

-- A match that was confirmed goes out now, or when its quiet hours end; its day begins anew.
CREATE OR REPLACE FUNCTION release_notifications() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE notification_outbox SET next_attempt_at = greatest(next_attempt_at, now()),
        give_up_at = greatest(next_attempt_at, now()) + interval '24 hours',
        status = CASE NEW.verification WHEN 'refused' THEN 'cancelled' ELSE 'pending' END
    WHERE alert_id = NEW.id AND status = 'held';
    RETURN NULL;
END
$$;

-- Browsers of these people, and of everybody in these roles, who may see the alert; all of them where it is none
-- (a test). Workers do not read accounts, so the database tells.
CREATE FUNCTION push_recipients(alert uuid, people uuid[], roles text[])
RETURNS TABLE (id uuid, secrets bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_role('admin', 'system', 'worker');
    RETURN QUERY SELECT p.id, p.secrets FROM push_subscriptions p JOIN users u ON u.id = p.user_id
        WHERE u.is_active AND (u.id = ANY(people) OR u.role = ANY(roles)) AND u.role IN ('admin', 'operator', 'viewer')
            AND (p.expires_at IS NULL OR p.expires_at > now())
            AND (alert IS NULL OR u.role = 'admin' OR EXISTS (
                SELECT FROM alerts a JOIN cameras c ON c.id = a.camera_id WHERE a.id = alert AND (c.group_id IS NULL
                    OR EXISTS (SELECT FROM user_camera_groups g WHERE g.user_id = u.id AND g.group_id = c.group_id))))
        ORDER BY p.id;
END
$$;

DO $$
DECLARE
    item text;
BEGIN
    FOREACH item IN ARRAY ARRAY['delivery_attempts', 'channel_health'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', item);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', item);
        EXECUTE format('CREATE POLICY owner_everything ON %I TO sightline_owner USING (true) WITH CHECK (true)', item);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO sightline_app', item);
        EXECUTE format('CREATE POLICY manage ON %I FOR ALL TO sightline_app '
            'USING ((SELECT sightline_role()) IN (''admin'', ''system'', ''worker''))', item);
    END LOOP;
END
$$;

-- Whoever sees an alert sees who was told of it.
CREATE POLICY with_alert ON notification_outbox FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('operator', 'viewer') AND alert_id IS NOT NULL
        AND EXISTS (SELECT FROM alerts a WHERE a.id = alert_id));
CREATE POLICY with_delivery ON delivery_attempts FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('operator', 'viewer')
        AND EXISTS (SELECT FROM notification_outbox o WHERE o.id = delivery_id));
