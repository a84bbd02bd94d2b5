import { z } from "zod";

export const camerasAddress = z.object({
  q: z.string().default(""),
  status: z.enum(["active", "inactive", "error"]).optional(),
  group: z.string().default(""),
  sort: z.string().default("name"),
  /** A dialog that a link opens. */
  dialog: z.enum(["", "add", "import", "groups"]).default(""),
  step: z.enum(["address", "details"]).default("address"),
});

export const CAMERA_TABS = ["live", "configuration", "statistics", "sightings"] as const;
export const cameraAddress = z.object({
  tab: z.enum(CAMERA_TABS).default("live"),
  interval: z.enum(["hour", "day"]).default("hour"),
});
