-- Extensions. They are created by whoever runs the migration, because pgvector must be created by a superuser
-- (or beforehand, on a managed server); everything after belongs to sightline_owner.
RESET ROLE;

CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- uuid-ossp only where the server really has it: ids come from the built-in uuidv7().
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'uuid-ossp') THEN
        CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
    END IF;
EXCEPTION WHEN undefined_file OR insufficient_privilege OR feature_not_supported THEN
    RAISE NOTICE 'uuid-ossp is not available: not needed';
END
$$;

SET LOCAL ROLE sightline_owner;
