"""Everything on one machine: the real PostgreSQL and Valkey from their wheels, and the supervisor over all parts."""
