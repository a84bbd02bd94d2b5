import { z } from "zod";

import type { CameraDetailOut, CameraIn, ControlConfig, ControlConfigOut } from "@/client/types.gen";

const PATH = /^\/(?!\/)[!$%&'()*+,\-./0-9:;=@A-Z_a-z~[\]]*$/;
const CONTROL = { port: 80, tls: false, path: "/onvif/device_service" };

/** What the forms of a camera hold; lists of corners come from the editor. */
export const cameraSchema = z
  .object({
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
    is_moved: z.boolean(),
    control_port: z.string(),
    control_tls: z.boolean(),
    control_path: z.string().trim(),
  })
  .superRefine((values, context) => {
    if (!values.is_moved) return; // not shown, and not sent
    const port = /^\d{1,5}$/.test(values.control_port) ? Number(values.control_port) : 0;
    if (port < 1 || port > 65_535)
      context.addIssue({ code: "custom", path: ["control_port"], message: "control.portWrong" });
    if (values.control_path.length > 200 || !PATH.test(values.control_path))
      context.addIssue({ code: "custom", path: ["control_path"], message: "control.pathWrong" });
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
  ...controlValues(null),
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
    ...controlValues(camera.config.control ?? null),
  };
}

function controlValues(control: ControlConfigOut | null) {
  const { port, tls, path } = { ...CONTROL, ...control };
  return { is_moved: control !== null, control_port: String(port), control_tls: tls, control_path: path };
}

/** A login that nobody typed is left out: what is kept stays. */
export function loginOf({ username, password }: Pick<CameraValues, "username" | "password">) {
  return username ? { username, password } : {};
}

function controlOf(values: CameraValues): ControlConfig | null {
  if (!values.is_moved) return null;
  return { port: Number(values.control_port), tls: values.control_tls, path: values.control_path };
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
    config: { ...config, transport: values.transport, control: controlOf(values) },
  };
}
