"""How messages travel between workers: one interface, in memory and on Redis Streams."""
