-- Row level security. The application connects as sightline_app, which owns nothing, and says in each transaction
-- who acts (sightline.user_id, sightline.role). Without that it sees nothing.
--
--   admin, system   everything (system: the machine's own command line)
--   operator        cameras of their groups, subjects and templates, sightings, alerts, rules
--   viewer          reads cameras of their groups with sightings and alerts, and subjects; no templates
--   auditor         reads the audit log and what explains it; no sightings, no templates
--   worker          recognition: reads what it needs, writes sightings, alerts, counters, outbox
--   auth            login: reads users and keys, writes tokens
--   maintenance     removes what is due, through functions and the queue of objects
--
-- (SELECT sightline_role()) is evaluated once per statement, not per row. Policies name sightline_app; the owner
-- has a policy of its own, so that FORCE holds for everybody else.

DO $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            AND relowner = 'sightline_owner'::regrole AND relname <> 'alembic_version'
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', item.relname);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', item.relname);
        EXECUTE format('CREATE POLICY owner_everything ON %I TO sightline_owner USING (true) WITH CHECK (true)', item.relname);
    END LOOP;
END
$$;

-- Nothing is open by default; the partitions of sightings are granted to nobody, so they cannot be read by name.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, sightline_app;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM sightline_app;
GRANT USAGE ON SCHEMA public TO sightline_app;
GRANT SELECT ON alembic_version, audit_logs, audit_payloads, audit_chain, audit_entries TO sightline_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON
    users, refresh_tokens, api_keys, settings, camera_groups, user_camera_groups, cameras, camera_credentials,
    watchlists, images, sightings, alert_rules, alerts, notification_channels, alert_rule_channels,
    notification_outbox, camera_minute_counters TO sightline_app;
-- A subject is removed by erase_subject() only, which also clears its traces.
GRANT SELECT, INSERT, UPDATE ON subjects TO sightline_app;
GRANT SELECT, UPDATE, DELETE, INSERT ON object_deletions TO sightline_app;

-- Accounts
CREATE POLICY read ON users FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'auth') OR id = (SELECT sightline_user_id()));
CREATE POLICY manage ON users FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system'));
CREATE POLICY login ON users FOR UPDATE TO sightline_app USING ((SELECT sightline_role()) = 'auth');
CREATE POLICY manage ON refresh_tokens FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'auth'));
CREATE POLICY own ON refresh_tokens FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) <> 'nobody' AND user_id = (SELECT sightline_user_id()));
CREATE POLICY manage ON api_keys FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'auth'));
CREATE POLICY own ON api_keys FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) <> 'nobody' AND user_id = (SELECT sightline_user_id()));
CREATE POLICY read ON settings FOR SELECT TO sightline_app USING ((SELECT sightline_role()) <> 'nobody');
CREATE POLICY manage ON settings FOR ALL TO sightline_app USING ((SELECT sightline_role()) IN ('admin', 'system'));

-- Cameras and their groups
CREATE POLICY read ON camera_groups FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('operator', 'viewer', 'auditor', 'worker'));
CREATE POLICY manage ON camera_groups FOR ALL TO sightline_app USING ((SELECT sightline_role()) IN ('admin', 'system'));
CREATE POLICY read ON user_camera_groups FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) = 'auditor'
        OR ((SELECT sightline_role()) <> 'nobody' AND user_id = (SELECT sightline_user_id())));
CREATE POLICY manage ON user_camera_groups FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system'));

CREATE POLICY read ON cameras FOR SELECT TO sightline_app USING ((SELECT sightline_role()) IN ('auditor', 'worker'));
CREATE POLICY by_group ON cameras FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('operator', 'viewer') AND (group_id IS NULL OR group_id IN
        (SELECT g.group_id FROM user_camera_groups g WHERE g.user_id = (SELECT sightline_user_id()))));
CREATE POLICY operate ON cameras FOR UPDATE TO sightline_app
    USING ((SELECT sightline_role()) = 'operator' AND (group_id IS NULL OR group_id IN
        (SELECT g.group_id FROM user_camera_groups g WHERE g.user_id = (SELECT sightline_user_id()))));
CREATE POLICY manage ON cameras FOR ALL TO sightline_app USING ((SELECT sightline_role()) IN ('admin', 'system'));
CREATE POLICY read ON camera_credentials FOR SELECT TO sightline_app USING ((SELECT sightline_role()) = 'worker');
CREATE POLICY manage ON camera_credentials FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system'));

-- Watchlists, subjects, templates
CREATE POLICY read ON watchlists FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('operator', 'viewer', 'auditor', 'worker'));
CREATE POLICY manage ON watchlists FOR ALL TO sightline_app USING ((SELECT sightline_role()) IN ('admin', 'system'));
CREATE POLICY read ON subjects FOR SELECT TO sightline_app USING ((SELECT sightline_role()) IN ('viewer', 'worker'));
CREATE POLICY manage ON subjects FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'operator'));
CREATE POLICY read ON images FOR SELECT TO sightline_app USING ((SELECT sightline_role()) = 'worker');
CREATE POLICY manage ON images FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'operator'));

-- Sightings, alerts, counters: camera_id IN (SELECT …) is filtered by the policies of cameras.
CREATE POLICY by_group ON sightings FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('operator', 'viewer') AND camera_id IN (SELECT c.id FROM cameras c));
CREATE POLICY operate ON sightings FOR UPDATE TO sightline_app
    USING ((SELECT sightline_role()) = 'operator' AND camera_id IN (SELECT c.id FROM cameras c));
CREATE POLICY work_read ON sightings FOR SELECT TO sightline_app USING ((SELECT sightline_role()) = 'worker');
CREATE POLICY work_write ON sightings FOR INSERT TO sightline_app WITH CHECK ((SELECT sightline_role()) = 'worker');
CREATE POLICY work_update ON sightings FOR UPDATE TO sightline_app USING ((SELECT sightline_role()) = 'worker');
CREATE POLICY manage ON sightings FOR ALL TO sightline_app USING ((SELECT sightline_role()) IN ('admin', 'system'));
CREATE POLICY by_group ON alerts FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('operator', 'viewer') AND camera_id IN (SELECT c.id FROM cameras c));
CREATE POLICY operate ON alerts FOR UPDATE TO sightline_app
    USING ((SELECT sightline_role()) = 'operator' AND camera_id IN (SELECT c.id FROM cameras c));
CREATE POLICY work_read ON alerts FOR SELECT TO sightline_app USING ((SELECT sightline_role()) = 'worker');
CREATE POLICY work_write ON alerts FOR INSERT TO sightline_app WITH CHECK ((SELECT sightline_role()) = 'worker');
CREATE POLICY manage ON alerts FOR ALL TO sightline_app USING ((SELECT sightline_role()) IN ('admin', 'system'));
CREATE POLICY by_group ON camera_minute_counters FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('operator', 'viewer') AND camera_id IN (SELECT c.id FROM cameras c));
CREATE POLICY manage ON camera_minute_counters FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'worker'));

-- Rules and notifications
CREATE POLICY read ON alert_rules FOR SELECT TO sightline_app USING ((SELECT sightline_role()) IN ('viewer', 'worker'));
CREATE POLICY manage ON alert_rules FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'operator'));
CREATE POLICY read ON alert_rule_channels FOR SELECT TO sightline_app USING ((SELECT sightline_role()) = 'worker');
CREATE POLICY manage ON alert_rule_channels FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'operator'));
CREATE POLICY read ON notification_channels FOR SELECT TO sightline_app USING ((SELECT sightline_role()) = 'worker');
CREATE POLICY manage ON notification_channels FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system'));
CREATE POLICY manage ON notification_outbox FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'worker'));
CREATE POLICY manage ON object_deletions FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'maintenance'));
CREATE POLICY queue ON object_deletions FOR INSERT TO sightline_app WITH CHECK ((SELECT sightline_role()) = 'worker');

-- The audit log: read by auditors and admins, written by nobody (its functions run as the owner).
CREATE POLICY read ON audit_logs FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'auditor', 'maintenance'));
CREATE POLICY read ON audit_payloads FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'auditor', 'maintenance'));
CREATE POLICY read ON audit_chain FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'auditor', 'maintenance'));

-- Names behind user ids, without e-mail and password hash, for everybody who is logged in.
CREATE VIEW user_names AS
SELECT id, username, role, is_active FROM users WHERE (SELECT sightline_role()) <> 'nobody';
GRANT SELECT ON user_names TO sightline_app;

REVOKE EXECUTE ON FUNCTION audit_write(text, text, text, jsonb, jsonb, uuid, integer) FROM PUBLIC;
