DROP TRIGGER users_guard ON users;
DROP FUNCTION users_guard();
DROP POLICY own_password ON users;
DROP TABLE second_factors;
ALTER TABLE api_keys ALTER COLUMN expires_at DROP NOT NULL;
ALTER TABLE api_keys DROP COLUMN prefix;
DROP POLICY own_revoke ON refresh_tokens;
DROP TRIGGER audit_trigger ON refresh_tokens;
CREATE TRIGGER audit_trigger AFTER INSERT OR UPDATE OR DELETE ON refresh_tokens FOR EACH ROW
    EXECUTE FUNCTION audit_trigger('id', 'token_hash', '');
DROP INDEX uq_refresh_tokens_live;
ALTER TABLE refresh_tokens DROP COLUMN kind, DROP COLUMN spent_at, DROP COLUMN session_started_at;
