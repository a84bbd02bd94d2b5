-- The extensions stay: other databases' tools may use them, and only a superuser could bring them back.
SELECT 1;
