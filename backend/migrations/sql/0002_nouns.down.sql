DROP TABLE images, subjects, watchlists, camera_credentials, cameras, user_camera_groups, camera_groups,
    settings, api_keys, refresh_tokens, users;
DROP FUNCTION set_updated_at();
