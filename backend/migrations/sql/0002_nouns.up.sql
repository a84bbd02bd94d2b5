-- The nouns: users, cameras, watchlists, subjects and their reference images.
-- Ids are UUIDv7: they rise with time, so that indexes on them stay compact.

-- updated_at follows every change but those that only say when something was last seen.
CREATE FUNCTION set_updated_at() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    touched CONSTANT text[] := ARRAY['last_seen_at', 'last_login_at', 'last_used_at', 'updated_at'];
BEGIN
    IF to_jsonb(NEW) - touched IS DISTINCT FROM to_jsonb(OLD) - touched THEN
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END
$$;

CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    username text NOT NULL CHECK (username ~ '^[[:alnum:]][[:alnum:]._@-]{0,63}$'),
    email text,
    hashed_password text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'operator', 'viewer', 'auditor')),
    is_active boolean NOT NULL DEFAULT true,
    must_change_password boolean NOT NULL DEFAULT false,
    last_login_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_users_username ON users (lower(username));
CREATE UNIQUE INDEX uq_users_email ON users (lower(email));

CREATE TABLE refresh_tokens (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE,
    family_id uuid NOT NULL,              -- a stolen token that is used twice ends its whole family
    ip_address inet,
    user_agent text,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_refresh_tokens_user_id ON refresh_tokens (user_id);
CREATE INDEX ix_refresh_tokens_family_id ON refresh_tokens (family_id);

CREATE TABLE api_keys (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    key_hash bytea NOT NULL UNIQUE,
    scopes text[] NOT NULL DEFAULT '{}',
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_api_keys_user_id ON api_keys (user_id);

CREATE TABLE settings (
    key text PRIMARY KEY,
    value jsonb NOT NULL,                 -- never a secret: those live in the environment
    description text NOT NULL DEFAULT '',
    updated_by uuid REFERENCES users ON DELETE SET NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_settings_updated_by ON settings (updated_by);
CREATE INDEX ix_settings_value ON settings USING gin (value jsonb_path_ops);

CREATE TABLE camera_groups (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    name text NOT NULL UNIQUE CHECK (name <> ''),
    description text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Who may see a group's cameras. Cameras without a group are seen by every operator and viewer.
CREATE TABLE user_camera_groups (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    group_id uuid NOT NULL REFERENCES camera_groups ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, group_id)
);
CREATE INDEX ix_user_camera_groups_group_id ON user_camera_groups (group_id);

CREATE TABLE cameras (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    name text NOT NULL CHECK (name <> ''),
    location text NOT NULL DEFAULT '',
    stream_url text NOT NULL
        CONSTRAINT cameras_stream_url_without_credentials CHECK (stream_url !~ '^[^/]*//[^/]*@'),
    status text NOT NULL DEFAULT 'inactive' CHECK (status IN ('active', 'inactive', 'error')),
    status_message text NOT NULL DEFAULT '',
    fps real CHECK (fps > 0),
    resolution text CHECK (resolution ~ '^[0-9]+x[0-9]+$'),
    detection_enabled boolean NOT NULL DEFAULT true,
    recognition_enabled boolean NOT NULL DEFAULT true,
    config jsonb NOT NULL DEFAULT '{}',
    group_id uuid REFERENCES camera_groups ON DELETE RESTRICT,
    last_seen_at timestamptz,
    removed_at timestamptz,               -- a camera with sightings is put away, not deleted
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_cameras_name ON cameras (lower(name)) WHERE removed_at IS NULL;
CREATE INDEX ix_cameras_group_id ON cameras (group_id);
CREATE INDEX ix_cameras_name_trgm ON cameras USING gin (name gin_trgm_ops);
CREATE INDEX ix_cameras_config ON cameras USING gin (config jsonb_path_ops);

-- Apart from cameras, so that who may read a camera may not read its password.
CREATE TABLE camera_credentials (
    camera_id uuid PRIMARY KEY REFERENCES cameras ON DELETE CASCADE,
    username text NOT NULL,
    password text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- No permanent entry: each list has a legal basis, someone who approved it, and an end.
CREATE TABLE watchlists (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    description text NOT NULL DEFAULT '',
    color text NOT NULL DEFAULT '#d97706' CHECK (color ~ '^#[0-9a-fA-F]{6}$'),
    priority smallint NOT NULL DEFAULT 3 CHECK (priority BETWEEN 1 AND 5),   -- 5 is the most urgent
    is_active boolean NOT NULL DEFAULT true,
    legal_basis text NOT NULL CHECK (legal_basis <> ''),
    approver text NOT NULL CHECK (approver <> ''),
    review_date date,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_watchlists_name ON watchlists (lower(name));

CREATE TABLE subjects (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    name text NOT NULL CHECK (name <> ''),
    external_id text UNIQUE,
    watchlist_id integer REFERENCES watchlists ON DELETE RESTRICT,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
    alert_on_match boolean NOT NULL DEFAULT true,
    portrait_path text,                   -- object key of the picture that lists show
    metadata jsonb NOT NULL DEFAULT '{}',
    last_seen_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_subjects_watchlist_id ON subjects (watchlist_id);
CREATE INDEX ix_subjects_name_trgm ON subjects USING gin (name gin_trgm_ops);
CREATE INDEX ix_subjects_external_id_trgm ON subjects USING gin (external_id gin_trgm_ops);
CREATE INDEX ix_subjects_metadata ON subjects USING gin (metadata jsonb_path_ops);

CREATE TABLE images (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    subject_id uuid NOT NULL REFERENCES subjects ON DELETE CASCADE,
    image_path text,                      -- object key; null when only the template is kept
    -- 2 kB; plain keeps it in the row: out of line an exact scan of 100,000 rows takes ten times as long
    embedding vector(512) STORAGE PLAIN,
    model_version text,
    quality_score real CHECK (quality_score BETWEEN 0 AND 1),
    face_count integer NOT NULL DEFAULT 1 CHECK (face_count >= 0),
    landmarks real[] CHECK (cardinality(landmarks) = 10),   -- x, y of five points, px of the picture
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT images_template_names_its_model CHECK ((embedding IS NULL) = (model_version IS NULL))
);
CREATE INDEX ix_images_subject_id ON images (subject_id);
CREATE INDEX ix_images_model_version ON images (model_version);
-- m 16, ef_construction 64 are pgvector's defaults; recall at the chosen ef_search is measured by `bench vectors`.
CREATE INDEX ix_images_embedding ON images USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);

CREATE TRIGGER set_updated_at BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON settings FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON camera_groups FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON cameras FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON camera_credentials FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON watchlists FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON subjects FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON images FOR EACH ROW EXECUTE FUNCTION set_updated_at();
