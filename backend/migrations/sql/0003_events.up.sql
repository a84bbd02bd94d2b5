-- What happens: sightings, alerts, notifications, counters, and objects that wait for removal.

-- One sighting per track: its id is the track's. detected_at is when the track was first seen; it chooses the
-- partition and is never changed afterwards. Partitions are months in UTC; the default one refuses no row.
CREATE TABLE sightings (
    id uuid NOT NULL,
    camera_id uuid NOT NULL REFERENCES cameras ON DELETE RESTRICT,
    subject_id uuid REFERENCES subjects ON DELETE SET NULL,   -- null: unknown
    confidence real CHECK (confidence BETWEEN -1 AND 1),      -- cosine similarity of the match
    bounding_box real[] NOT NULL CHECK (cardinality(bounding_box) = 4),   -- x, y, width, height, px of the frame
    frame_width integer NOT NULL CHECK (frame_width > 0),
    frame_height integer NOT NULL CHECK (frame_height > 0),
    detections integer NOT NULL CHECK (detections >= 0),
    quality_score real CHECK (quality_score BETWEEN 0 AND 1),
    candidates jsonb NOT NULL DEFAULT '[]',                   -- [{"subject": id, "similarity": number}, ...] ranked
    image_path text,                                          -- object key of the best crop
    frame_path text,                                          -- object key of the full frame
    embedding vector(512) STORAGE PLAIN,
    model_version text,
    metadata jsonb NOT NULL DEFAULT '{}',
    detected_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    closed_at timestamptz,                                    -- null while the person is in view
    media_expires_at timestamptz,                             -- when pictures and template of an unknown person go
    anonymised_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, detected_at),
    CONSTRAINT sightings_template_names_its_model CHECK ((embedding IS NULL) = (model_version IS NULL)),
    CONSTRAINT sightings_seen_in_order CHECK (last_seen_at >= detected_at)
) PARTITION BY RANGE (detected_at);

CREATE TABLE sightings_default PARTITION OF sightings DEFAULT;

CREATE INDEX ix_sightings_camera_id ON sightings (camera_id, detected_at DESC);
CREATE INDEX ix_sightings_subject_id ON sightings (subject_id, detected_at DESC);
CREATE INDEX ix_sightings_detected_at ON sightings (detected_at DESC, id DESC);
CREATE INDEX ix_sightings_media_expires_at ON sightings (media_expires_at) WHERE media_expires_at IS NOT NULL;
CREATE INDEX ix_sightings_candidates ON sightings USING gin (candidates jsonb_path_ops);
CREATE INDEX ix_sightings_metadata ON sightings USING gin (metadata jsonb_path_ops);
-- Declared on the parent, so that every new partition gets it. Rows without template take no place in it.
CREATE INDEX ix_sightings_embedding ON sightings USING hnsw (embedding vector_cosine_ops)
    WITH (m = 16, ef_construction = 64);

CREATE TABLE alert_rules (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    name text NOT NULL CHECK (name <> ''),
    is_active boolean NOT NULL DEFAULT true,
    camera_id uuid REFERENCES cameras ON DELETE CASCADE,      -- null: every camera; likewise below
    group_id uuid REFERENCES camera_groups ON DELETE CASCADE,
    watchlist_id integer REFERENCES watchlists ON DELETE CASCADE,
    subject_id uuid REFERENCES subjects ON DELETE CASCADE,
    min_confidence real CHECK (min_confidence BETWEEN -1 AND 1),
    severity text CHECK (severity IN ('low', 'medium', 'high', 'critical')),   -- null: from the watchlist
    cooldown_seconds integer NOT NULL DEFAULT 300 CHECK (cooldown_seconds >= 0),
    schedule jsonb NOT NULL DEFAULT '{}',
    created_by uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_alert_rules_camera_id ON alert_rules (camera_id);
CREATE INDEX ix_alert_rules_group_id ON alert_rules (group_id);
CREATE INDEX ix_alert_rules_watchlist_id ON alert_rules (watchlist_id);
CREATE INDEX ix_alert_rules_subject_id ON alert_rules (subject_id);
CREATE INDEX ix_alert_rules_created_by ON alert_rules (created_by);
CREATE INDEX ix_alert_rules_schedule ON alert_rules USING gin (schedule jsonb_path_ops);

-- An alert outlives its sighting: after the retention period it stays, without person and picture.
CREATE TABLE alerts (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    sighting_id uuid,
    sighting_detected_at timestamptz,
    camera_id uuid NOT NULL REFERENCES cameras ON DELETE RESTRICT,
    subject_id uuid REFERENCES subjects ON DELETE SET NULL,
    watchlist_id integer REFERENCES watchlists ON DELETE SET NULL,
    rule_id uuid REFERENCES alert_rules ON DELETE SET NULL,
    severity text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    message text NOT NULL,
    status text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'acknowledged', 'resolved')),
    acknowledged boolean NOT NULL GENERATED ALWAYS AS (acknowledged_at IS NOT NULL) STORED,
    matched_at timestamptz NOT NULL,      -- time of the picture, while created_at is the database's clock
    acknowledged_at timestamptz,
    acknowledged_by uuid REFERENCES users ON DELETE SET NULL,
    resolved_at timestamptz,
    resolved_by uuid REFERENCES users ON DELETE SET NULL,
    anonymised_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT alerts_sighting_fkey FOREIGN KEY (sighting_id, sighting_detected_at)
        REFERENCES sightings (id, detected_at) MATCH FULL ON DELETE NO ACTION
);
CREATE INDEX ix_alerts_sighting ON alerts (sighting_id, sighting_detected_at);
CREATE INDEX ix_alerts_cooldown ON alerts (subject_id, camera_id, matched_at DESC);
CREATE INDEX ix_alerts_camera_id ON alerts (camera_id);
CREATE INDEX ix_alerts_watchlist_id ON alerts (watchlist_id);
CREATE INDEX ix_alerts_rule_id ON alerts (rule_id);
CREATE INDEX ix_alerts_acknowledged_by ON alerts (acknowledged_by);
CREATE INDEX ix_alerts_resolved_by ON alerts (resolved_by);
CREATE INDEX ix_alerts_created_at ON alerts (created_at DESC, id DESC);

CREATE TABLE notification_channels (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    name text NOT NULL UNIQUE CHECK (name <> ''),
    kind text NOT NULL CHECK (kind IN ('email', 'webhook', 'push', 'mqtt', 'other')),
    config jsonb NOT NULL DEFAULT '{}',
    secrets jsonb NOT NULL DEFAULT '{}',  -- never enters the audit log
    include_pictures boolean NOT NULL DEFAULT false,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_notification_channels_config ON notification_channels USING gin (config jsonb_path_ops);

CREATE TABLE alert_rule_channels (
    rule_id uuid NOT NULL REFERENCES alert_rules ON DELETE CASCADE,
    channel_id uuid NOT NULL REFERENCES notification_channels ON DELETE CASCADE,
    PRIMARY KEY (rule_id, channel_id)
);
CREATE INDEX ix_alert_rule_channels_channel_id ON alert_rule_channels (channel_id);

-- Written in the transaction of the alert and delivered afterwards, so that none is lost.
CREATE TABLE notification_outbox (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    alert_id uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    channel_id uuid NOT NULL REFERENCES notification_channels ON DELETE CASCADE,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    last_error text,
    delivered_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_notification_outbox_alert_channel UNIQUE (alert_id, channel_id)
);
CREATE INDEX ix_notification_outbox_channel_id ON notification_outbox (channel_id);
CREATE INDEX ix_notification_outbox_due ON notification_outbox (next_attempt_at) WHERE status = 'pending';

-- Raw counts per camera and minute; nobody can be told from them, so they are kept.
CREATE TABLE camera_minute_counters (
    camera_id uuid NOT NULL REFERENCES cameras ON DELETE CASCADE,
    minute timestamptz NOT NULL CHECK (minute = date_trunc('minute', minute)),
    frames integer NOT NULL DEFAULT 0,
    detections integer NOT NULL DEFAULT 0,
    tracks integer NOT NULL DEFAULT 0,
    recognitions integer NOT NULL DEFAULT 0,
    PRIMARY KEY (camera_id, minute)
);

-- Keys of pictures whose rows are gone. Maintenance removes the objects, then the rows.
CREATE TABLE object_deletions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    object_key text NOT NULL,
    reason text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    queued_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_object_deletions_queued_at ON object_deletions (queued_at);

-- A picture whose row goes, goes too.
CREATE FUNCTION queue_image_object() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO object_deletions (object_key, reason) VALUES (OLD.image_path, 'image deleted');
    RETURN NULL;
END
$$;
CREATE TRIGGER queue_image_object AFTER DELETE ON images FOR EACH ROW WHEN (OLD.image_path IS NOT NULL)
    EXECUTE FUNCTION queue_image_object();

-- The busiest table gets the cheapest trigger: it compares nothing.
CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER set_updated_at BEFORE UPDATE ON sightings FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON alert_rules FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON alerts FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON notification_channels FOR EACH ROW EXECUTE FUNCTION set_updated_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON notification_outbox FOR EACH ROW EXECUTE FUNCTION set_updated_at();
