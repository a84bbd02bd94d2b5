import { z } from "zod";

/** What a list may be narrowed to; inactive: connecting, or switched off. */
export const CAMERA_STATES = ["active", "error", "inactive"] as const;

export const camerasAddress = z.object({
  q: z.string().default(""),
  status: z.enum(CAMERA_STATES).optional(),
  group: z.string().default(""),
  sort: z.string().default("name"),
  /** A dialog that a link opens. */
  dialog: z.enum(["", "add", "import", "groups"]).default(""),
  step: z.enum(["address", "details"]).default("address"),
});

export const CAMERA_TABS = ["live", "configuration", "statistics", "sightings", "health"] as const;
export const cameraAddress = z.object({
  tab: z.enum(CAMERA_TABS).default("live"),
  interval: z.enum(["hour", "day"]).default("hour"),
  /** Of the health history. */
  days: z.enum(["1", "7", "30"]).default("7"),
});
