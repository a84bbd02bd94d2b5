import { describe, expect, it } from "vitest";

import type { SightingDetailOut } from "@/client/types.gen";

import { alertOf } from "../testing";
import { matchOf, others } from "./evidence";

const person = (id: string, similarity: number) => ({
  subject_id: id,
  subject_name: id,
  similarity,
  false_match_rate: 1e-5,
  false_match_rate_is_bound: true,
  picture_url: `/v1/media?token=${id}`,
});

const SIGHTING: SightingDetailOut = {
  id: "s",
  camera_id: "c",
  camera_name: "Lobby",
  camera_time_zone: "UTC",
  subject_id: "jo",
  subject_name: "jo",
  similarity: 0.7,
  false_match_rate: 1e-6,
  false_match_rate_is_bound: false,
  quality: 0.9,
  detections: 3,
  detected_at: "2026-05-01T08:00:00Z",
  last_seen_at: "2026-05-01T08:00:00Z",
  closed_at: null,
  has_image: true,
  has_context: true,
  box: { x: 1, y: 1, width: 2, height: 2 },
  frame_width: 10,
  frame_height: 10,
  candidates: [person("jo", 0.7), person("mia", 0.5)],
  model_version: "m",
  has_template: true,
  media_expires_at: null,
  corrections: [],
};

describe("how alike they are", () => {
  it("is about the alert's person, also where the sighting is taken for another by now", () => {
    const match = matchOf(alertOf({ subject_id: "mia", identity: "other", similarity: 0.7 }), SIGHTING);
    expect(match).toMatchObject({ similarity: 0.5, falseMatchRate: 1e-5, isBound: true });
  });

  it("is what the alert says where the ranked list is gone, with the sighting's rate only if it is theirs", () => {
    const bare = { ...SIGHTING, candidates: [] };
    expect(matchOf(alertOf({ subject_id: "jo", similarity: 0.7 }), bare).falseMatchRate).toBe(1e-6);
    expect(matchOf(alertOf({ subject_id: "mia", similarity: 0.6 }), bare)).toMatchObject({
      similarity: 0.6,
      falseMatchRate: null,
    });
    expect(matchOf(alertOf({ subject_id: "jo", similarity: 0.6 }), undefined).similarity).toBe(0.6);
  });

  it("leaves the others", () => {
    expect(others(alertOf({ subject_id: "jo" }), SIGHTING).map((one) => one.subject_id)).toEqual(["mia"]);
  });
});
