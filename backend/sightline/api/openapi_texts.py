"""Words of the OpenAPI document."""

from typing import Any, Final

DESCRIPTION: Final = """\
Everything that the interface does goes through this API, and so can you.

**Who calls.** `Authorization: Bearer` with an access token or an API key, `X-API-Key`, or the cookie of a browser.
Each operation names the roles that may call it (`x-roles`), and the scope that an API key needs (`x-permission`).

**Errors** are `application/problem+json` (RFC 9457) with a stable `code`, a `hint` and the `request_id` of the log.

**Lists** come in pages: hand `next` in as `cursor` until it is null. `total=true` counts.

**Changes** of a record carry its `ETag` as `If-Match` (428 without, 412 where somebody was faster).

**Repetition.** A creating POST with an `Idempotency-Key` is done once, however often it is sent.

**Quotas** are told by `RateLimit-Policy` and `RateLimit`; beyond them the answer is 429 with `Retry-After`.

Times are UTC (RFC 3339), ids are UUIDs of version 7, unknown fields of a body are refused.
"""

TAGS: Final[list[dict[str, Any]]] = [
    {"name": "auth", "description": "Logging in and out, sessions, the second factor."},
    {"name": "users", "description": "Accounts, their roles and camera groups."},
    {"name": "api-keys", "description": "Keys for machines: scoped, expiring, shown once."},
    {"name": "cameras", "description": "Cameras, their groups, streams and statistics."},
    {"name": "camera-groups", "description": "Groups that say who sees which cameras."},
    {"name": "subjects", "description": "People who are enrolled, their images, search by face, import and export."},
    {"name": "watchlists", "description": "Why subjects are looked for, by whose approval, and until when."},
    {"name": "sightings", "description": "Who was seen where and when, with pictures, corrections and exports."},
    {"name": "media", "description": "Pictures, by links that end."},
    {"name": "searches", "description": "Search of past sightings by face: with a purpose, on record, approved."},
    {"name": "alerts", "description": "Sightings that somebody has to look at."},
    {"name": "alert-rules", "description": "When a sighting becomes an alert, and who is told."},
    {"name": "channels", "description": "Ways that alerts leave the house by, and what was delivered."},
    {"name": "push", "description": "Browsers that are told of alerts."},
    {"name": "analytics", "description": "Counts and trends, and reports as PDF and Excel."},
    {"name": "jobs", "description": "Work in the background and how far it is."},
    {"name": "erasures", "description": "People removed from everywhere, with a receipt."},
    {"name": "layouts", "description": "Saved arrangements of the live view."},
    {"name": "settings", "description": "Policies that an administrator may change while the system runs."},
    {"name": "audit", "description": "Who did and looked at what; a chain that shows any change."},
    {"name": "events", "description": "What happens now, as a stream."},
    {"name": "system", "description": "Health, version, parts."},
]

IDEMPOTENCY_KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A UUID of your own making: the same request with the same key is done once, for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
    "example": "5e0c2b1a-3a6b-4d0e-9c58-0d1f7a0f9a55",
}
