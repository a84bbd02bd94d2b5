-- The audit log: who did what, from where, as a chain of digests that shows every later change.
--
-- audit_logs      one row per event; holds no personal data but ids, and the digest of its payload
-- audit_payloads  old and new values, apart: erasing a person empties payloads and leaves the chain whole
-- audit_chain     one digest per event over the event and the digest before it
--
-- Events are sealed into the chain by a deferred trigger at commit, so that the chain's lock is the last
-- lock a transaction takes: it is held for the commit only and cannot take part in a deadlock.

CREATE TABLE audit_logs (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    user_id uuid,                         -- no foreign key: the record outlives the account
    actor text NOT NULL,                  -- role of the user, name of the service, or the database login
    action text NOT NULL CHECK (action ~ '^[A-Z][A-Z_]{0,31}$'),
    table_name text NOT NULL,
    record_id text,                       -- null when one row stands for a batch
    row_count integer NOT NULL DEFAULT 1,
    ip_address inet,
    user_agent text,
    payload_digest bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ix_audit_logs_created_at ON audit_logs (created_at DESC, id DESC);
CREATE INDEX ix_audit_logs_record ON audit_logs (table_name, record_id);
CREATE INDEX ix_audit_logs_user_id ON audit_logs (user_id);

CREATE TABLE audit_payloads (
    audit_id uuid PRIMARY KEY REFERENCES audit_logs,
    subject_id uuid,                      -- whose data this is, so that it can be erased
    salt bytea,                           -- without it a guessed name could be confirmed by the digest
    old_values jsonb,
    new_values jsonb,
    erased_at timestamptz,
    erased_by uuid REFERENCES audit_logs  -- the ERASE event; an erasure without one is tampering
);
CREATE INDEX ix_audit_payloads_subject_id ON audit_payloads (subject_id);
CREATE INDEX ix_audit_payloads_erased_by ON audit_payloads (erased_by);
CREATE INDEX ix_audit_payloads_old_values ON audit_payloads USING gin (old_values jsonb_path_ops);
CREATE INDEX ix_audit_payloads_new_values ON audit_payloads USING gin (new_values jsonb_path_ops);

CREATE TABLE audit_chain (
    position bigint PRIMARY KEY,          -- 1, 2, 3 … without a gap
    audit_id uuid NOT NULL UNIQUE REFERENCES audit_logs,
    digest bytea NOT NULL
);

-- Who acts. A user's role is looked up, so that a demoted or deactivated user loses access at once, whatever the
-- token said; services have no row in users and are named by the role alone.
CREATE FUNCTION sightline_user_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('sightline.user_id', true), '')::uuid
$$;

CREATE FUNCTION sightline_role() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    claimed text := nullif(current_setting('sightline.role', true), '');
    acting uuid := sightline_user_id();
    actual text;
BEGIN
    IF acting IS NULL THEN
        RETURN CASE WHEN claimed IN ('system', 'worker', 'auth', 'maintenance') THEN claimed ELSE 'nobody' END;
    END IF;
    SELECT role INTO actual FROM users WHERE id = acting AND is_active;
    RETURN CASE WHEN actual = coalesce(claimed, actual) THEN actual ELSE 'nobody' END;
END
$$;

-- The application role acts for somebody; any other login is named as itself.
CREATE FUNCTION sightline_actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN 'sightline_app' IN (session_user, current_setting('role')) THEN sightline_role()
                ELSE 'database:' || session_user END
$$;

-- Canonical text of an event: what its digest is taken over. services/audit.py builds the same text.
CREATE FUNCTION audit_text(event audit_logs) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_array(event.id, event.user_id, event.actor, event.action, event.table_name, event.record_id,
        event.row_count, host(event.ip_address), event.user_agent, encode(event.payload_digest, 'hex'),
        (extract(epoch FROM event.created_at) * 1000000)::bigint)::text
$$;

CREATE FUNCTION audit_payload_digest(salt bytea, old_values jsonb, new_values jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(salt || convert_to(jsonb_build_array(old_values, new_values)::text, 'UTF8'))
$$;

CREATE FUNCTION audit_seal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head audit_chain;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('sightline.audit_chain'));
    SELECT * INTO head FROM audit_chain ORDER BY position DESC LIMIT 1;
    INSERT INTO audit_chain (position, audit_id, digest) VALUES (
        coalesce(head.position, 0) + 1, NEW.id,
        sha256(coalesce(head.digest, ''::bytea) || convert_to(audit_text(NEW), 'UTF8')));
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER audit_seal AFTER INSERT ON audit_logs DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION audit_seal();

-- Nobody changes history, not even the owner by mistake. Payloads may be emptied, once, by an ERASE event.
CREATE FUNCTION audit_forbid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit records are never changed or removed' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE FUNCTION audit_allow_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL OR NEW.erased_by IS NULL OR NEW.audit_id <> OLD.audit_id
        OR num_nonnulls(NEW.subject_id, NEW.salt, NEW.old_values, NEW.new_values) > 0 THEN
        RAISE EXCEPTION 'audit payloads are only ever erased' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_forbid BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION audit_forbid();
CREATE TRIGGER audit_forbid BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION audit_forbid();
CREATE TRIGGER audit_forbid BEFORE DELETE OR TRUNCATE ON audit_payloads
    FOR EACH STATEMENT EXECUTE FUNCTION audit_forbid();
CREATE TRIGGER audit_allow_erasure BEFORE UPDATE ON audit_payloads
    FOR EACH ROW EXECUTE FUNCTION audit_allow_erasure();

-- Writes one event with its payload; only the functions below call it.
CREATE FUNCTION audit_write(
    action text, table_name text, record_id text, old_values jsonb, new_values jsonb,
    subject_id uuid DEFAULT NULL, row_count integer DEFAULT 1
) RETURNS uuid LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    event_id uuid;
    salt bytea := uuid_send(gen_random_uuid());
BEGIN
    INSERT INTO audit_logs (user_id, actor, action, table_name, record_id, row_count, ip_address, user_agent,
        payload_digest)
    VALUES (sightline_user_id(), sightline_actor(), action, table_name, record_id, row_count,
        nullif(current_setting('sightline.ip_address', true), '')::inet,
        left(nullif(current_setting('sightline.user_agent', true), ''), 500),
        audit_payload_digest(salt, old_values, new_values))
    RETURNING id INTO event_id;
    INSERT INTO audit_payloads (audit_id, subject_id, salt, old_values, new_values)
    VALUES (event_id, subject_id, salt, old_values, new_values);
    RETURN event_id;
END
$$;

-- For what is no change of a row: a login, a search, an export. Cannot imitate a trigger's or a purge's event.
CREATE FUNCTION record_audit_event(
    action text, table_name text, record_id text DEFAULT NULL, details jsonb DEFAULT NULL, subject_id uuid DEFAULT NULL
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF action IN ('INSERT', 'UPDATE', 'DELETE', 'ERASE', 'PURGE') OR sightline_actor() = 'nobody' THEN
        RAISE EXCEPTION 'action % cannot be recorded by %', action, sightline_actor()
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN audit_write(action, table_name, record_id, NULL, details, subject_id);
END
$$;

-- audit_trigger(key columns, withheld columns, quiet columns), each a comma list.
-- Withheld: never written, only that they changed. Quiet: a change of these alone is no event (last_seen_at
-- follows from sightings; it would bury everything else).
CREATE FUNCTION audit_trigger() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    withheld text[] := string_to_array(TG_ARGV[1], ',');
    quiet text[] := string_to_array(TG_ARGV[2], ',') || ARRAY['updated_at'];
    old_full jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_full jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    old_values jsonb := old_full - withheld;
    new_values jsonb := new_full - withheld;
    record jsonb := coalesce(new_full, old_full);
    changed text[] := '{}';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT coalesce(array_agg(name), '{}') INTO changed FROM unnest(withheld) AS name
            WHERE old_full -> name IS DISTINCT FROM new_full -> name;
        IF changed = '{}' AND old_values - quiet = new_values - quiet THEN
            RETURN NULL;
        END IF;
        IF changed <> '{}' THEN
            new_values := new_values || jsonb_build_object('changed_but_withheld', to_jsonb(changed));
        END IF;
    END IF;
    PERFORM audit_write(TG_OP, TG_TABLE_NAME,
        (SELECT string_agg(record ->> name, '/') FROM unnest(string_to_array(TG_ARGV[0], ',')) AS name),
        old_values, new_values,
        (record ->> CASE WHEN TG_TABLE_NAME = 'subjects' THEN 'id' ELSE 'subject_id' END)::uuid);
    RETURN NULL;
END
$$;

-- audit_batch(key column): one event per statement, with how many rows and which. For tables that machines fill.
CREATE FUNCTION audit_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    rows integer;
    keys text[];
    source text := CASE WHEN TG_OP = 'DELETE' THEN 'old_rows' ELSE 'new_rows' END;
BEGIN
    EXECUTE format('SELECT count(*), array_agg(DISTINCT %I::text) FROM %I', TG_ARGV[0], source) INTO rows, keys;
    IF rows > 0 THEN
        PERFORM audit_write(TG_OP, TG_TABLE_NAME, CASE WHEN rows = 1 THEN keys[1] END,
            NULL, jsonb_build_object(TG_ARGV[0], to_jsonb(keys)), NULL, rows);
    END IF;
    RETURN NULL;
END
$$;

-- Sightings: machines write batches; what a person changes or deletes is kept row by row.
CREATE FUNCTION audit_sightings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    rows integer;
    keys jsonb;
    by_machine boolean := sightline_actor() IN ('worker', 'maintenance') OR current_setting('sightline.batch', true) = 'on';
BEGIN
    IF by_machine OR TG_OP = 'INSERT' THEN
        IF TG_OP = 'DELETE' THEN
            SELECT count(*), jsonb_agg(id) INTO rows, keys FROM old_rows;
        ELSE
            SELECT count(*), jsonb_agg(id) INTO rows, keys FROM new_rows;
        END IF;
        IF rows > 0 THEN
            PERFORM audit_write(TG_OP, 'sightings', CASE WHEN rows = 1 THEN keys ->> 0 END,
                NULL, jsonb_build_object('id', keys), NULL, rows);
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        PERFORM audit_write('UPDATE', 'sightings', o.id::text, to_jsonb(o) - 'embedding', to_jsonb(n) - 'embedding',
            coalesce(n.subject_id, o.subject_id)) FROM old_rows o JOIN new_rows n USING (id);
    ELSE
        PERFORM audit_write('DELETE', 'sightings', o.id::text, to_jsonb(o) - 'embedding', NULL, o.subject_id)
            FROM old_rows o;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER audit_insert AFTER INSERT ON sightings REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit_sightings();
CREATE TRIGGER audit_update AFTER UPDATE ON sightings REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit_sightings();
CREATE TRIGGER audit_delete AFTER DELETE ON sightings REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION audit_sightings();

-- Every other table. The list is checked by a test against the catalogue, so that no new table is forgotten.
DO $$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT * FROM (VALUES
        -- table, key columns, withheld columns, quiet columns
        ('users', 'id', 'hashed_password', 'last_login_at'),
        ('refresh_tokens', 'id', 'token_hash', ''),
        ('api_keys', 'id', 'key_hash', 'last_used_at'),
        ('settings', 'key', '', ''),
        ('camera_groups', 'id', '', ''),
        ('user_camera_groups', 'user_id,group_id', '', ''),
        ('cameras', 'id', '', 'last_seen_at'),
        ('camera_credentials', 'camera_id', 'username,password', ''),
        ('watchlists', 'id', '', ''),
        ('subjects', 'id', '', 'last_seen_at'),
        ('images', 'id', 'embedding,landmarks', ''),
        ('alert_rules', 'id', '', ''),
        ('alerts', 'id', '', ''),
        ('notification_channels', 'id', 'secrets', ''),
        ('alert_rule_channels', 'rule_id,channel_id', '', '')
    ) AS t(name, keys, withheld, quiet) LOOP
        EXECUTE format('CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW '
            'EXECUTE FUNCTION audit_trigger(%L, %L, %L)', item.name, item.keys, item.withheld, item.quiet);
    END LOOP;
    FOR item IN SELECT * FROM (VALUES
        ('notification_outbox', 'id'), ('camera_minute_counters', 'camera_id'), ('object_deletions', 'id')
    ) AS t(name, key) LOOP
        EXECUTE format('CREATE TRIGGER audit_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
            'FOR EACH STATEMENT EXECUTE FUNCTION audit_batch(%L)', item.name, item.key);
        EXECUTE format('CREATE TRIGGER audit_update AFTER UPDATE ON %I REFERENCING NEW TABLE AS new_rows '
            'FOR EACH STATEMENT EXECUTE FUNCTION audit_batch(%L)', item.name, item.key);
        EXECUTE format('CREATE TRIGGER audit_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
            'FOR EACH STATEMENT EXECUTE FUNCTION audit_batch(%L)', item.name, item.key);
    END LOOP;
END
$$;

-- What auditors read: one row per event, as the specification names its columns.
CREATE VIEW audit_entries WITH (security_invoker = true) AS
SELECT a.id, a.user_id, a.actor, a.action, a.table_name, a.record_id, a.row_count, p.old_values, p.new_values,
    p.erased_at, a.ip_address, a.user_agent, a.created_at, c.position
FROM audit_logs a LEFT JOIN audit_payloads p ON p.audit_id = a.id LEFT JOIN audit_chain c ON c.audit_id = a.id;
