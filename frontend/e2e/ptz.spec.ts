import type { Page } from "@playwright/test";

import { expect, test } from "./fixtures";

interface Camera {
  id: string;
}

interface Position {
  pan: number;
  tilt: number;
  zoom: number;
  is_moving: boolean;
}

/** Where the camera looks, as it says itself. */
async function position(page: Page, port: number): Promise<Position> {
  return (await (await page.request.get(`http://127.0.0.1:${port}/position`)).json()) as Position;
}

test("a camera is set up to be moved, moved by mouse and keys, and its moves are on record", async ({
  page,
  signIn,
  api,
  house,
  unique,
  axe,
}) => {
  const admin = await api();
  const name = unique("Yard");
  const { url, username, password } = house.stream;
  const body = { name, stream_url: url, username, password, detection_enabled: false };
  const { id } = (await (await admin.post("/v1/cameras", { data: body })).json()) as Camera;
  const now = () => position(page, house.control.port);

  await signIn("admin");
  await page.goto(`/cameras/${id}?tab=configuration`);
  await page.getByRole("switch", { name: "Operators may move this camera (ONVIF)" }).click();
  await page.getByLabel("Port", { exact: true }).fill("70000");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Enter a port from 1 to 65535.")).toBeVisible();
  await page.getByLabel("Port", { exact: true }).fill(String(house.control.port));
  await axe();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Port", { exact: true })).toHaveValue(String(house.control.port));
  await page.getByRole("tab", { name: "Live" }).click();
  await expect(page.getByRole("group", { name: `Turn and zoom ${name}` })).toBeVisible();

  await signIn("operator");
  await page.goto(`/live?camera=${id}`);
  await page.getByRole("button", { name: `Turn or zoom ${name}` }).click();
  const pad = page.getByRole("group", { name: `Turn and zoom ${name}` });
  await pad.getByRole("button", { name: "Home view" }).click();
  await expect.poll(async () => (await now()).pan).toBe(0);
  await pad.getByRole("button", { name: "Right", exact: true }).hover();
  await page.mouse.down();
  await expect.poll(async () => (await now()).is_moving).toBe(true);
  await page.mouse.up();
  await expect.poll(async () => (await now()).is_moving).toBe(false);
  const turned = await now();
  expect(turned.pan).toBeGreaterThan(0);
  expect([turned.tilt, turned.zoom]).toEqual([0, 0]);

  await pad.getByRole("button", { name: "Left", exact: true }).hover(); // another one: the focus moves with the press
  await page.mouse.down();
  await page.waitForTimeout(600);
  expect((await now()).is_moving).toBe(true);
  await page.mouse.up();
  await expect.poll(async () => (await now()).is_moving).toBe(false);
  await page.keyboard.down("Shift");
  await page.keyboard.down("Equal");
  await expect.poll(async () => (await now()).is_moving).toBe(true);
  await page.keyboard.up("Shift");
  await page.keyboard.up("Equal");
  await expect.poll(async () => (await now()).is_moving).toBe(false);
  await page.keyboard.down("ArrowDown");
  await expect.poll(async () => (await now()).is_moving).toBe(true);
  await page.keyboard.up("ArrowDown");
  await expect.poll(async () => (await now()).is_moving).toBe(false);
  await pad.getByRole("button", { name: "Zoom in" }).focus();
  await page.keyboard.down("Enter");
  await expect.poll(async () => (await now()).zoom).toBeGreaterThan(0);
  await page.keyboard.press("Escape"); // the pad is gone, and so is who held it
  await expect.poll(async () => (await now()).is_moving).toBe(false);
  expect((await now()).tilt).toBeLessThan(0);

  await page.getByRole("button", { name: `Turn or zoom ${name}` }).click();
  await pad.getByRole("button", { name: "Gate" }).click();
  await expect.poll(async () => (await now()).zoom).toBe(1);
  await axe();

  const told = (await (await admin.get(`/v1/audit?action=MOVE&record_id=${id}`)).json()) as { items: unknown[] };
  expect(told.items.length).toBe(7);

  const camera = (await (await admin.get(`/v1/cameras/${id}`)).json()) as { config: object };
  const masked = { ...camera.config, privacy: [[[0, 0], [1, 0], [0, 1]]] }; // prettier-ignore
  const answer = await admin.put(`/v1/cameras/${id}`, {
    data: { name, stream_url: url, detection_enabled: false, config: masked },
    headers: { "If-Match": "*" },
  });
  expect(answer.status()).toBe(200);
  await expect(page.getByRole("button", { name: `Turn or zoom ${name}` })).toBeHidden();
  await admin.delete(`/v1/cameras/${id}`);
});

test("who only looks has no pad, and a camera that does not answer says so", async ({
  page,
  signIn,
  api,
  unique,
  expectComplaint,
}) => {
  expectComplaint("status 502"); // nobody is there
  const admin = await api();
  const name = unique("Dead yard");
  const body = {
    name,
    stream_url: "rtsp://127.0.0.1:9/none",
    detection_enabled: false,
    config: { control: { port: 9 } },
  };
  const { id } = (await (await admin.post("/v1/cameras", { data: body })).json()) as Camera;
  await signIn("viewer");
  await page.goto(`/live?camera=${id}`);
  await expect(page.getByRole("button", { name: `Move ${name}` })).toBeVisible();
  await expect(page.getByRole("button", { name: `Turn or zoom ${name}` })).toHaveCount(0);

  await signIn("operator");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/live?camera=${id}`);
  await page.getByRole("button", { name: `Turn or zoom ${name}` }).click();
  await expect(page.getByRole("alert").getByText("Nobody answers at this address")).toBeVisible();
  await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
  await admin.delete(`/v1/cameras/${id}`);
});
