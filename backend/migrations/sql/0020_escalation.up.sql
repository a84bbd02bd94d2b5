-- Alerts that nobody acknowledges: who is told next and when, timers that survive restarts, and acknowledging by a link.

-- steps: [{"after_seconds": 300, "raise_severity": true, "channel_ids": ["…"]}, …], each after the one before.
CREATE TABLE escalation_policies (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    name text NOT NULL CHECK (name <> ''),
    -- whole, whoever writes it: one that engines cannot read would stop them all
    steps json NOT NULL DEFAULT '[]' CHECK (json_typeof(steps) = 'array' AND NOT jsonb_path_exists(steps::jsonb, '
        $[*] ? (!(@.after_seconds >= 1 && @.after_seconds <= 604800) || (@.after_seconds >= 1) is unknown
            || !(@.raise_severity.type() == "boolean")
            || !(@.channel_ids.type() == "array") || exists(@.channel_ids[*] ? (!(@ like_regex
                "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$") || (@ like_regex "") is unknown)))')),
    is_default boolean NOT NULL DEFAULT false,        -- of the house: for whatever names no policy of its own
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_escalation_policies_name ON escalation_policies (lower(name));
CREATE UNIQUE INDEX uq_escalation_policies_default ON escalation_policies (is_default) WHERE is_default;
-- Channels are an administrator's to choose; until then the alert is shown as more severe, and nobody else is told.
INSERT INTO escalation_policies (name, steps, is_default)
VALUES ('House', '[{"after_seconds": 300, "raise_severity": true, "channel_ids": []}]', true);

ALTER TABLE alert_rules
    ADD COLUMN is_escalated boolean NOT NULL DEFAULT true,
    ADD COLUMN escalation_policy_id uuid REFERENCES escalation_policies ON DELETE RESTRICT;   -- null: the house's
CREATE INDEX ix_alert_rules_escalation_policy_id ON alert_rules (escalation_policy_id);

-- A row is a timer (done_at null, at most one per alert) or a step that was taken. Written by triggers on alerts, in
-- the transaction of whoever raises, acknowledges, resolves or reopens one. Whoever changes a timer holds its alert.
CREATE TABLE alert_escalations (
    alert_id uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    step smallint NOT NULL CHECK (step >= 1),
    due_at timestamptz NOT NULL,
    done_at timestamptz,
    PRIMARY KEY (alert_id, step)
);
CREATE UNIQUE INDEX uq_alert_escalations_timer ON alert_escalations (alert_id) WHERE done_at IS NULL;
CREATE INDEX ix_alert_escalations_due_at ON alert_escalations (due_at) WHERE done_at IS NULL;

ALTER TABLE alert_events
    DROP CONSTRAINT alert_events_kind_check,
    ADD CONSTRAINT alert_events_kind_check CHECK (kind IN ('acknowledged', 'resolved', 'reopened', 'assigned', 'commented',
        'confirmed', 'refused', 'identity_changed', 'escalated')),
    -- acknowledged by the link of this delivery, once; by which channel, as it was called then
    ADD COLUMN delivery_id uuid CONSTRAINT uq_alert_events_delivery_id UNIQUE REFERENCES notification_outbox ON DELETE SET NULL,
    ADD COLUMN channel text,
    ADD COLUMN step smallint,                         -- of 'escalated'
    ADD COLUMN severity text;                         -- of 'escalated': from then on

-- The steps in force for alerts of a rule (null: of none); null where they are never escalated.
CREATE FUNCTION escalation_steps(rule uuid) RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN r.is_escalated IS NOT FALSE THEN p.steps END
    FROM (SELECT) AS one
    LEFT JOIN alert_rules r ON r.id = rule
    LEFT JOIN escalation_policies p ON CASE WHEN r.escalation_policy_id IS NULL THEN p.is_default
        ELSE p.id = r.escalation_policy_id END
$$;

-- Sets the timer of a step, where there is such a step.
CREATE FUNCTION plan_escalation(alert uuid, rule uuid, number integer) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO alert_escalations (alert_id, step, due_at)
    SELECT alert, number, now() + make_interval(secs => (found.step ->> 'after_seconds')::double precision)
    FROM (SELECT escalation_steps(rule) -> (number - 1)) AS found(step)
    WHERE found.step IS NOT NULL
$$;

CREATE FUNCTION begin_escalation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM plan_escalation(NEW.id, NEW.rule_id, 1);
    RETURN NULL;
END
$$;
CREATE TRIGGER begin_escalation AFTER INSERT ON alerts FOR EACH ROW
    WHEN (NEW.status = 'new') EXECUTE FUNCTION begin_escalation();

-- Acknowledged or resolved: the chain ends. Reopened as new: it goes on with the next step, after that step's time.
-- Taken over by a rule before any step was taken: the rule's policy counts.
CREATE FUNCTION follow_escalation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    taken integer := (SELECT coalesce(max(e.step), 0) FROM alert_escalations e
        WHERE e.alert_id = NEW.id AND e.done_at IS NOT NULL);
BEGIN
    IF OLD.status = 'new' AND NEW.status = 'new' AND taken > 0 THEN
        RETURN NULL;
    END IF;
    DELETE FROM alert_escalations WHERE alert_id = NEW.id AND done_at IS NULL;
    IF NEW.status = 'new' THEN
        PERFORM plan_escalation(NEW.id, NEW.rule_id, taken + 1);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER follow_escalation AFTER UPDATE OF status, rule_id ON alerts FOR EACH ROW
    WHEN (OLD.status <> NEW.status OR NEW.rule_id IS NOT NULL AND NEW.rule_id IS DISTINCT FROM OLD.rule_id)
    EXECUTE FUNCTION follow_escalation();

-- Takes the step that is due longest and sets the next timer; the caller queues notifications on channel_ids in the
-- same transaction. Any number of engines may ask: alert and timer are locked together, and what others hold is passed
-- over. The policy is the one of this moment: where it has no such step any more, the chain ends. The next step keeps
-- its distance from this moment, also after an outage. While nobody was told yet (quiet hours), the step waits for
-- that. No row: nothing is due.
CREATE FUNCTION escalate_next() RETURNS TABLE (alert_id uuid, step integer, channel_ids uuid[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    ranks CONSTANT text[] := ARRAY['low', 'medium', 'high', 'critical'];
    due record;
    asked json;
    told_at timestamptz;
BEGIN
    PERFORM require_role('worker', 'system');
    LOOP
        SELECT a.id, a.rule_id, a.severity, a.severity_rank, e.step INTO due
        FROM alert_escalations e JOIN alerts a ON a.id = e.alert_id
        WHERE e.done_at IS NULL AND e.due_at <= now() AND a.status = 'new'
        ORDER BY e.due_at, e.alert_id LIMIT 1 FOR UPDATE OF a, e SKIP LOCKED;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        asked := escalation_steps(due.rule_id) -> (due.step - 1);
        IF asked IS NULL THEN
            DELETE FROM alert_escalations e WHERE e.alert_id = due.id AND e.step = due.step;
            CONTINUE;
        END IF;
        SELECT CASE WHEN bool_and(o.status = 'pending' AND o.attempts = 0 AND o.next_attempt_at > now())
            THEN min(o.next_attempt_at) END INTO told_at
        FROM notification_outbox o WHERE o.alert_id = due.id AND o.level = 0;
        IF told_at IS NOT NULL THEN
            UPDATE alert_escalations e SET due_at = told_at + make_interval(secs => (asked ->> 'after_seconds')::double precision)
            WHERE e.alert_id = due.id AND e.step = due.step;
            CONTINUE;
        END IF;
        UPDATE alert_escalations e SET done_at = clock_timestamp() WHERE e.alert_id = due.id AND e.step = due.step;
        IF (asked ->> 'raise_severity')::boolean THEN
            due.severity := ranks[least(due.severity_rank + 1, 4)];
        END IF;
        UPDATE alerts a SET severity = due.severity, updated_at = clock_timestamp() WHERE a.id = due.id;
        INSERT INTO alert_events (alert_id, kind, step, severity) VALUES (due.id, 'escalated', due.step, due.severity);
        PERFORM plan_escalation(due.id, due.rule_id, due.step + 1);
        RETURN QUERY SELECT due.id, due.step::integer,
            ARRAY(SELECT json_array_elements_text(asked -> 'channel_ids')::uuid);
        RETURN;
    END LOOP;
END
$$;

-- What the link of a delivery finds, and with press what it does. state: open (it can be pressed), done (just now), used
-- (this link did it before), acknowledged (somebody was faster), resolved. No row: alert or delivery are gone.
-- Tells neither names nor lists: who holds a link has not logged in.
CREATE FUNCTION acknowledge_by_link(alert uuid, delivery uuid, press boolean)
RETURNS TABLE (state text, severity text, camera text, matched_at timestamptz, acknowledged_at timestamptz, verification text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    it alerts;
    by_channel text;
    state text;
BEGIN
    PERFORM require_role('auth', 'system');
    SELECT c.name INTO by_channel FROM notification_outbox o JOIN notification_channels c ON c.id = o.channel_id
    WHERE o.id = delivery AND o.alert_id = alert;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF press THEN
        SELECT * INTO it FROM alerts a WHERE a.id = alert FOR UPDATE;
    ELSE
        SELECT * INTO it FROM alerts a WHERE a.id = alert;
    END IF;
    state := CASE WHEN it.status = 'resolved' THEN 'resolved'
        WHEN EXISTS (SELECT FROM alert_events e WHERE e.delivery_id = delivery) THEN 'used'
        WHEN it.status = 'acknowledged' THEN 'acknowledged'
        WHEN press THEN 'done' ELSE 'open' END;
    IF state = 'done' THEN
        INSERT INTO alert_events (alert_id, kind, delivery_id, channel) VALUES (alert, 'acknowledged', delivery, by_channel);
        UPDATE alerts a SET status = 'acknowledged', acknowledged_at = clock_timestamp() WHERE a.id = alert
        RETURNING a.* INTO it;
    END IF;
    RETURN QUERY SELECT state, it.severity, c.name, it.matched_at, it.acknowledged_at, it.verification
        FROM cameras c WHERE c.id = it.camera_id;
END
$$;

-- A channel that a policy names is not removed: whoever relies on it would learn so when it is too late.
CREATE FUNCTION keep_escalation_channel() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM escalation_policies p, json_array_elements(p.steps) AS s
            WHERE (s.value -> 'channel_ids')::jsonb ? OLD.id::text) THEN
        RAISE EXCEPTION 'an escalation policy names this channel'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'escalation_policies_channels';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER keep_escalation_channel BEFORE DELETE ON notification_channels FOR EACH ROW
    EXECUTE FUNCTION keep_escalation_channel();

REVOKE EXECUTE ON FUNCTION escalation_steps(uuid), plan_escalation(uuid, uuid, integer) FROM PUBLIC;

CREATE TRIGGER set_updated_at BEFORE UPDATE ON escalation_policies FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON escalation_policies FOR EACH ROW
    EXECUTE FUNCTION audit_trigger('id', '', '');

DO $$
DECLARE
    item text;
BEGIN
    FOREACH item IN ARRAY ARRAY['escalation_policies', 'alert_escalations'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', item);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', item);
        EXECUTE format('CREATE POLICY owner_everything ON %I TO sightline_owner USING (true) WITH CHECK (true)', item);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO sightline_app', item);
    END LOOP;
END
$$;
CREATE POLICY read ON escalation_policies FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('operator', 'viewer', 'worker'));
CREATE POLICY manage ON escalation_policies FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system'));
CREATE POLICY with_alert ON alert_escalations FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'operator', 'viewer', 'worker')
        AND EXISTS (SELECT FROM alerts a WHERE a.id = alert_id));
CREATE POLICY manage ON alert_escalations FOR ALL TO sightline_app USING ((SELECT sightline_role()) = 'system');
