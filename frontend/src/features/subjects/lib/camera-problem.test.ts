import { expect, it } from "vitest";

import { cameraProblem } from "./camera-problem";

it("tells why a camera shows nothing", () => {
  expect(cameraProblem(new DOMException("", "NotAllowedError"), true)).toBe("denied");
  expect(cameraProblem(new DOMException("", "NotFoundError"), true)).toBe("missing");
  expect(cameraProblem(new DOMException("", "NotReadableError"), true)).toBe("busy");
  expect(cameraProblem(new TypeError("no mediaDevices"), false)).toBe("insecure");
  expect(cameraProblem(new Error("?"), true)).toBe("failed");
});
