DROP TRIGGER keep_escalation_channel ON notification_channels;
DROP TRIGGER follow_escalation ON alerts;
DROP TRIGGER begin_escalation ON alerts;
DROP FUNCTION keep_escalation_channel(), follow_escalation(), begin_escalation();
DROP FUNCTION acknowledge_by_link(uuid, uuid, boolean);
DROP FUNCTION escalate_next();
DROP FUNCTION plan_escalation(uuid, uuid, integer);
DROP FUNCTION escalation_steps(uuid);

DELETE FROM alert_events WHERE kind = 'escalated';
ALTER TABLE alert_events
    DROP COLUMN severity,
    DROP COLUMN step,
    DROP COLUMN channel,
    DROP COLUMN delivery_id,
    DROP CONSTRAINT alert_events_kind_check,
    ADD CONSTRAINT alert_events_kind_check CHECK (kind IN ('acknowledged', 'resolved', 'reopened', 'assigned', 'commented',
        'confirmed', 'refused', 'identity_changed'));
DROP TABLE alert_escalations;
DROP INDEX ix_alert_rules_escalation_policy_id;
ALTER TABLE alert_rules
    DROP COLUMN escalation_policy_id,
    DROP COLUMN is_escalated;
DROP TABLE escalation_policies;
