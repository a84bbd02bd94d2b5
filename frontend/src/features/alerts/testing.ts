import type { AlertOut } from "@/client/types.gen";

/** An alert for tests. */
export function alertOf(change: Partial<AlertOut> = {}): AlertOut {
  return {
    id: "01a2064b-14f0-7773-8508-92629c065c8e",
    created_at: "2026-05-01T08:00:00Z",
    updated_at: "2026-05-01T08:00:00Z",
    matched_at: "2026-05-01T08:00:00Z",
    severity: "high",
    status: "new",
    message: "",
    camera_id: "01a2063d-4434-7a88-8549-98fdbb3c0de8",
    camera_name: "Lobby",
    sighting_id: null,
    subject_id: null,
    subject_name: null,
    watchlist_id: null,
    watchlist_name: null,
    rule_id: null,
    verification: "not_needed",
    verified_at: null,
    verified_by: null,
    assigned_to: null,
    assigned_to_name: null,
    acknowledged_at: null,
    acknowledged_by: null,
    acknowledged_by_name: null,
    resolved_at: null,
    resolved_by: null,
    resolved_by_name: null,
    verdict: null,
    similarity: null,
    identity: "same",
    ...change,
  };
}
