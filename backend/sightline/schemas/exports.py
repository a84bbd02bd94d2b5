"""Tables as files."""

from enum import StrEnum


class ExportFormat(StrEnum):
    """CSV (RFC 4180), one JSON array, or one JSON object per line."""

    CSV = "csv"
    JSON = "json"
    JSON_LINES = "jsonl"
