"""Values and ports of the recognition pipeline: standard library and numpy only."""
