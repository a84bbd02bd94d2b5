import { z } from "zod";

import type { CameraDetailOut, CameraIn } from "@/client/types.gen";

/** What the forms of a camera hold; lists of corners come from the editor. */
export const cameraSchema = z.object({
  name: z.string().trim().min(1, "form.nameMissing").max(200),
  location: z.string().max(500),
  group_id: z.string(),
  time_zone: z.string().min(1),
  stream_url: z.string().trim().min(1, "form.addressMissing").max(2048),
  username: z.string().max(256),
  password: z.string().max(256),
  transport: z.enum(["tcp", "udp"]),
  detection_enabled: z.boolean(),
  recognition_enabled: z.boolean(),
});
export type CameraValues = z.output<typeof cameraSchema>;

export const VIEWERS_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const EMPTY: CameraValues = {
  name: "",
  location: "",
  group_id: "",
  time_zone: VIEWERS_ZONE,
  stream_url: "",
  username: "",
  password: "",
  transport: "tcp",
  detection_enabled: true,
  recognition_enabled: true,
};

export function valuesOf(camera: CameraDetailOut): CameraValues {
  return {
    name: camera.name,
    location: camera.location,
    group_id: camera.group_id ?? "",
    time_zone: camera.time_zone,
    stream_url: camera.stream_url ?? "",
    username: "",
    password: "",
    transport: camera.config.transport ?? "tcp",
    detection_enabled: camera.detection_enabled,
    recognition_enabled: camera.recognition_enabled,
  };
}

/** A login that nobody typed is left out: what is kept stays. */
export function loginOf({ username, password }: Pick<CameraValues, "username" | "password">) {
  return username ? { username, password } : {};
}

export function cameraOf(values: CameraValues, config: CameraIn["config"] = {}): CameraIn {
  return {
    name: values.name,
    location: values.location,
    group_id: values.group_id || null,
    time_zone: values.time_zone,
    stream_url: values.stream_url,
    ...loginOf(values),
    detection_enabled: values.detection_enabled,
    recognition_enabled: values.recognition_enabled,
    config: { ...config, transport: values.transport },
  };
}
