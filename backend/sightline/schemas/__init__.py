"""What goes in and out over HTTP, one file per noun. Times are UTC (RFC 3339), ids UUIDv7."""
