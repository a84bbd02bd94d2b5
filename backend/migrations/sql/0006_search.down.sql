DROP TRIGGER notify_change ON images;
DROP TRIGGER notify_change ON subjects;
DROP TRIGGER notify_change ON watchlists;
DROP TRIGGER notify_change ON cameras;
DROP TRIGGER notify_change ON camera_credentials;
DROP FUNCTION set_camera_status(uuid, text, text, real, text), mark_seen(uuid[], uuid[], timestamptz[]), notify_change(),
    gallery_fingerprint(text), set_vector_index(text), get_sighting_stats(uuid, date, date),
    find_similar_faces(vector, float, int, text, int), nearest_images(vector, text, int),
    nearest_images_of_watchlist(vector, text, int, int);
DROP VIEW searchable_subjects;
DROP FUNCTION active_model_version(), require_role(text[]);
