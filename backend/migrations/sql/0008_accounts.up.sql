-- Accounts: sessions that are renewed by rotating tokens, keys for machines, second factors.

-- A session is a family of refresh tokens of which one is live; access tokens name the family.
ALTER TABLE refresh_tokens
    ADD COLUMN kind text NOT NULL DEFAULT 'session' CHECK (kind IN ('session', 'link')),
    ADD COLUMN spent_at timestamptz,                             -- exchanged for its successor; once more is theft
    ADD COLUMN session_started_at timestamptz NOT NULL DEFAULT now();
UPDATE refresh_tokens SET revoked_at = now() WHERE revoked_at IS NULL;  -- sessions of before cannot be renewed
CREATE UNIQUE INDEX uq_refresh_tokens_live ON refresh_tokens (family_id)
    WHERE kind = 'session' AND spent_at IS NULL AND revoked_at IS NULL;
-- That a token was exchanged is no event: the new one's INSERT is.
DROP TRIGGER audit_trigger ON refresh_tokens;
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON refresh_tokens FOR EACH ROW
    EXECUTE FUNCTION audit_trigger('id', 'token_hash', 'spent_at');
CREATE POLICY own_revoke ON refresh_tokens FOR UPDATE TO sightline_app
    USING ((SELECT sightline_role()) <> 'nobody' AND user_id = (SELECT sightline_user_id()));

ALTER TABLE api_keys ADD COLUMN prefix text NOT NULL DEFAULT '';
ALTER TABLE api_keys ALTER COLUMN prefix DROP DEFAULT;
UPDATE api_keys SET expires_at = created_at + interval '1 year' WHERE expires_at IS NULL;
ALTER TABLE api_keys ALTER COLUMN expires_at SET NOT NULL;

CREATE TABLE second_factors (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    sealed_secret bytea NOT NULL,         -- core/sealing.py, context second_factor:<user_id>
    confirmed_at timestamptz,             -- null: begun, but no code was given yet
    last_counter bigint NOT NULL DEFAULT 0,  -- RFC 6238: a code is accepted once, so no step up to this one again
    recovery_hashes bytea[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE second_factors ENABLE ROW LEVEL SECURITY;
ALTER TABLE second_factors FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_everything ON second_factors TO sightline_owner USING (true) WITH CHECK (true);
CREATE POLICY manage ON second_factors FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) IN ('admin', 'system', 'auth'));
CREATE POLICY own ON second_factors FOR ALL TO sightline_app
    USING ((SELECT sightline_role()) <> 'nobody' AND user_id = (SELECT sightline_user_id()));
GRANT SELECT, INSERT, UPDATE, DELETE ON second_factors TO sightline_app;
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON second_factors FOR EACH ROW
    EXECUTE FUNCTION audit_trigger('user_id', 'sealed_secret,recovery_hashes', 'last_counter');

-- Everybody changes their own password, and nothing else of their account.
CREATE POLICY own_password ON users FOR UPDATE TO sightline_app
    USING ((SELECT sightline_role()) <> 'nobody' AND id = (SELECT sightline_user_id()));
CREATE FUNCTION users_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    role text := sightline_role();
    own text[] := ARRAY['hashed_password', 'must_change_password', 'updated_at'];
BEGIN
    IF role = 'auth' THEN  -- login: notes when, and keeps the password as today's parameters want it
        own := ARRAY['hashed_password', 'last_login_at', 'updated_at'];
    END IF;
    IF role IN ('operator', 'viewer', 'auditor', 'auth')
        AND to_jsonb(NEW) - own IS DISTINCT FROM to_jsonb(OLD) - own THEN
        RAISE EXCEPTION '% changes nothing of an account but the password', role
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER users_guard BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION users_guard();
