-- Idempotency-Key: the key, the request it came with, and the answer, written by the transaction of the request.
CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    path text NOT NULL,
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
    status smallint,
    media_type text,
    location text,
    etag text,
    body bytea CHECK (length(body) <= 65536),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key)
);
CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);

-- An answer repeats what the record holds, so it goes with the person. The table holds one day.
CREATE FUNCTION forget_answers_on_subject() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM idempotency_keys
    WHERE position(OLD.id::text IN path || ' ' || coalesce(location, '')) > 0
        OR position(convert_to(OLD.id::text, 'UTF8') IN coalesce(body, '')) > 0;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION forget_answers_on_subject() FROM PUBLIC;
CREATE TRIGGER forget_answers AFTER DELETE ON subjects FOR EACH ROW EXECUTE FUNCTION forget_answers_on_subject();

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_everything ON idempotency_keys TO sightline_owner USING (true) WITH CHECK (true);
CREATE POLICY own ON idempotency_keys FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) <> 'nobody' AND user_id = (SELECT sightline_user_id()));
CREATE POLICY tidy ON idempotency_keys FOR ALL TO sightline_app USING ((SELECT sightline_role()) = 'maintenance');
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO sightline_app;
