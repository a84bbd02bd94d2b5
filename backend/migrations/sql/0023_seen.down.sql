DROP FUNCTION review_seen(uuid[]);
