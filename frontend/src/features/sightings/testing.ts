import type { SightingOut } from "@/client/types.gen";

export function aSighting(changes: Partial<SightingOut> = {}): SightingOut {
  return {
    id: "01a20668-2d26-752f-b4fa-a3c1f2625d8e",
    camera_id: "01a2063d-4434-7a88-8549-98fdbb3c0de8",
    camera_name: "Gate",
    camera_time_zone: "UTC",
    subject_id: "01a2063d-427b-7425-bffc-a8fd6c9841ef",
    subject_name: "Ada",
    similarity: 0.7,
    false_match_rate: 1e-5,
    false_match_rate_is_bound: false,
    quality: 0.8,
    detections: 5,
    box: { x: 10, y: 10, width: 50, height: 50 },
    frame_width: 1280,
    frame_height: 720,
    detected_at: "2026-03-01T12:00:00Z",
    last_seen_at: "2026-03-01T12:00:05Z",
    closed_at: null,
    has_image: true,
    has_context: true,
    verdict: null,
    corrected_at: null,
    image_url: null,
    context_url: null,
    ...changes,
  };
}
