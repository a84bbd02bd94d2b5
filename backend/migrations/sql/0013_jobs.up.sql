-- Background jobs, and receipts of erasure.

-- Work that takes longer than a request: reports, imports, exports. parameters and summary are json and not jsonb:
-- nobody searches them. attempts is also the fence: who holds a job writes only while it is still at that attempt.
CREATE TABLE jobs (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    kind text NOT NULL CHECK (kind ~ '^[a-z][a-z_]{0,31}$'),
    parameters json NOT NULL DEFAULT '{}',
    subject_id uuid REFERENCES subjects ON DELETE CASCADE,    -- whom it is about, where it is about one person
    status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    progress real NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
    message text NOT NULL DEFAULT '',                         -- amounts and steps, never a name
    cancel_requested boolean NOT NULL DEFAULT false,
    result_key text,                                          -- object below jobs/{id}/
    result_name text,
    result_type text,
    summary json NOT NULL DEFAULT '{}',                       -- amounts
    error_code text,
    error_detail text,
    attempts integer NOT NULL DEFAULT 0,
    created_by uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    heartbeat_at timestamptz,
    finished_at timestamptz,
    expires_at timestamptz,
    files_removed_at timestamptz                              -- result and uploaded files are gone
);
CREATE INDEX ix_jobs_created_by ON jobs (created_by, created_at DESC);
CREATE INDEX ix_jobs_created_at ON jobs (created_at DESC, id DESC);
CREATE INDEX ix_jobs_subject_id ON jobs (subject_id);
CREATE INDEX ix_jobs_waiting ON jobs (created_at) WHERE status IN ('queued', 'running');

-- Whoever erases a person, the files of jobs about them go at once, and with them what a runner still writes.
CREATE FUNCTION queue_job_objects() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO object_deletions (object_key, reason) VALUES (OLD.result_key, 'job deleted');
    RETURN NULL;
END
$$;
CREATE TRIGGER queue_job_objects AFTER DELETE ON jobs FOR EACH ROW WHEN (OLD.result_key IS NOT NULL)
    EXECUTE FUNCTION queue_job_objects();
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON jobs FOR EACH ROW
    EXECUTE FUNCTION audit_trigger('id', 'parameters,summary', 'progress,message,heartbeat_at,attempts');
CREATE TRIGGER notify_change AFTER INSERT ON jobs FOR EACH STATEMENT EXECUTE FUNCTION notify_change('sightline_jobs');

ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO sightline_app;
CREATE POLICY owner_everything ON jobs TO sightline_owner USING (true) WITH CHECK (true);
CREATE POLICY own_read ON jobs FOR SELECT TO sightline_app
    USING ((SELECT sightline_role()) <> 'nobody' AND created_by = (SELECT sightline_user_id()));
CREATE POLICY own_create ON jobs FOR INSERT TO sightline_app
    WITH CHECK ((SELECT sightline_role()) <> 'nobody' AND created_by = (SELECT sightline_user_id()));
CREATE POLICY own_change ON jobs FOR UPDATE TO sightline_app
    USING ((SELECT sightline_role()) <> 'nobody' AND created_by = (SELECT sightline_user_id()));
CREATE POLICY manage ON jobs FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'maintenance'));
