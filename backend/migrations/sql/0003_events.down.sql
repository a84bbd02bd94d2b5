DROP TRIGGER queue_image_object ON images;
DROP TABLE object_deletions, camera_minute_counters, notification_outbox, alert_rule_channels, notification_channels,
    alerts, alert_rules, sightings;
DROP FUNCTION touch_updated_at(), queue_image_object();
