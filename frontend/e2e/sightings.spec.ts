import { readFileSync } from "node:fs";

import type { APIRequestContext, Page } from "@playwright/test";

import { expect, test } from "./fixtures";

interface Sighting {
  id: string;
  subject_id: string | null;
  verdict: string | null;
}

// A camera of their own: nobody else's sightings come between.
let camera = "";
let somebody = "";

async function made(admin: APIRequestContext, path: string, data: object): Promise<string> {
  const answer = await admin.post(path, { data });
  expect(answer.status(), await answer.text()).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}

async function sightings(admin: APIRequestContext, filters = ""): Promise<Sighting[]> {
  const answer = await admin.get(`/v1/sightings?camera_id=${camera}&limit=200${filters}`);
  return ((await answer.json()) as { items: Sighting[] }).items;
}

const rows = (page: Page) => page.locator("[data-sighting]");
const detailOf = (page: Page) => page.getByRole("region", { name: "The chosen sighting" });

test.describe.configure({ mode: "serial", timeout: 180_000 });

test.beforeAll(async ({ api, house }) => {
  const admin = await api();
  const { url, username, password } = house.stream;
  const name = `Sightings ${Date.now()}`;
  camera = await made(admin, "/v1/cameras", { name, stream_url: url, username, password });
  await admin.post(`/v1/cameras/${camera}/disable`);
  somebody = `Somebody ${Date.now()}`;
  await made(admin, "/v1/subjects", { name: somebody });
});

test.afterAll(async ({ api }) => {
  const admin = await api();
  await admin.delete(`/v1/cameras/${camera}`, { headers: { "If-Match": "*" } });
});

test("whoever comes before a camera appears by themselves, and is confirmed, rejected and named by keys", async ({
  page,
  signIn,
  api,
  axe,
}) => {
  const admin = await api();
  await signIn("operator");
  await page.goto(`/sightings?camera=${camera}`);
  await expect(page.getByText("No sighting fits these filters")).toBeVisible();
  await admin.post(`/v1/cameras/${camera}/enable`);
  await expect(rows(page).first()).toBeVisible({ timeout: 40_000 });
  await page.goto(`/sightings?camera=${camera}&known=true`);
  await expect(rows(page).first()).toBeVisible({ timeout: 40_000 });
  await page.keyboard.press("j");
  await expect(page.locator("[data-sighting]:focus")).toHaveCount(1);
  const chosen = await page.locator("[data-sighting]:focus").getAttribute("data-sighting");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`selected=${chosen}`));
  const detail = detailOf(page);
  await expect(detail.getByRole("img", { name: "The face that was seen" })).toBeVisible();
  await expect(detail.getByRole("heading", { name: "Who it may be" })).toBeVisible();
  await axe();
  await page.keyboard.press("c");
  await expect(detail.getByText(/^operator confirmed that it is/)).toBeVisible();
  await page.reload();
  await expect(detail.getByText(/^operator confirmed that it is/)).toBeVisible();

  await page.keyboard.press("a");
  const dialog = page.getByRole("dialog", { name: "Who is it?" });
  await dialog.getByRole("combobox", { name: "Person" }).click();
  await page.getByPlaceholder("Search…").fill(somebody);
  await page.getByRole("option", { name: somebody }).click();
  await dialog.getByRole("button", { name: "It is this person" }).click();
  await expect(detail.getByText(`operator said that it is ${somebody}`)).toBeVisible();
  await detail.getByRole("button", { name: "Undo" }).click();
  await expect(detail.getByText("operator went back to what recognition said")).toBeVisible();
  await page.keyboard.press("x");
  await expect(detail.getByText("operator said that it is not whom recognition named")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(detail).toBeHidden();
  expect((await sightings(admin, "&verdict=rejected")).map(({ id }) => id)).toEqual([chosen]);
  await expect.poll(async () => (await sightings(admin, "&known=true")).length, { timeout: 40_000 }).toBeGreaterThan(1);
  await admin.post(`/v1/cameras/${camera}/disable`);
});

test("several are decided about at once, and exported with the filters of the page", async ({ page, signIn, api }) => {
  const admin = await api();
  await signIn("operator");
  await page.goto(`/sightings?camera=${camera}&known=true&view=grid`);
  await page.getByRole("checkbox", { name: "Select all that are loaded" }).click();
  const toolbar = page.getByRole("toolbar", { name: "Selected sightings" });
  await toolbar.getByRole("button", { name: "This is them" }).click();
  await expect(page.getByText(/sightings? confirmed/)).toBeVisible();
  const known = await sightings(admin, "&known=true");
  expect(known.every(({ verdict }) => verdict === "confirmed")).toBe(true);
  await page.reload();
  await expect(page.getByText("Confirmed", { exact: true })).toHaveCount(known.length);

  await page.getByRole("button", { name: "Export" }).click();
  const dialog = page.getByRole("dialog", { name: "Export" });
  await dialog.getByRole("radio", { name: "JSON, one list" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("button", { name: "Export" }).click(),
  ]);
  await expect(dialog.getByText(/^Exported/)).toBeVisible();
  const exported = JSON.parse(readFileSync(await download.path(), "utf8")) as { id: string }[];
  expect(exported.map(({ id }) => id).toSorted()).toEqual(known.map(({ id }) => id).toSorted());
});

test("a face is looked for in a picture and in the past", async ({ page, signIn, api, axe }) => {
  const admin = await api();
  const [known] = await sightings(admin, "&known=true");
  const face = await admin.get(`/v1/sightings/${known?.id}/image`);
  await signIn("operator");
  await page.goto("/sightings?search=face");
  const nobody = { name: "wall.png", mimeType: "image/png", buffer: Buffer.from(WALL, "base64") };
  await page.locator("input[type=file]").setInputFiles(nobody);
  await expect(page.getByRole("alert").first()).toBeVisible();
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "face.jpg", mimeType: "image/jpeg", buffer: await face.body() });
  await expect(page.getByText("Match", { exact: true }).first()).toBeVisible(); // other stories enrol her too
  await page.getByRole("button", { name: "Look through past sightings" }).click();
  const why = page.getByRole("dialog", { name: "Why are you looking?" });
  await why.getByLabel("Purpose or case number").fill("Case 7: who was at the stage?");
  await why.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByText(/the most similar first/)).toBeVisible();
  await axe();

  await page.goto(`/sightings/${known?.id}`);
  await page.getByRole("link", { name: "Search this face" }).click();
  await expect(page).toHaveURL(new RegExp(`like=${known?.id}`));
  await expect(page.getByText("Match", { exact: true }).first()).toBeVisible(); // other stories enrol her too
});

test("where the house wants a second person, the search waits for one", async ({
  page,
  signIn,
  api,
  browser,
  cookiesOf,
  axe,
}) => {
  const admin = await api();
  const [known] = await sightings(admin, "&known=true");
  const face = await (await admin.get(`/v1/sightings/${known?.id}/image`)).body();
  const privacy = await admin.get("/v1/settings/privacy");
  const { value } = (await privacy.json()) as { value: object };
  const asked = await admin.put("/v1/settings/privacy", {
    data: { ...value, search_needs_approval: true },
    headers: { "If-Match": privacy.headers().etag ?? "*" },
  });
  expect(asked.status(), await asked.text()).toBe(200);
  const purpose = `Case ${Date.now()}`;
  try {
    await page.addInitScript((why) => sessionStorage.setItem("sightline.purpose", why), purpose);
    await signIn("operator");
    await page.goto("/sightings?search=face");
    await page.locator("input[type=file]").setInputFiles({ name: "face.jpg", mimeType: "image/jpeg", buffer: face });
    await page.getByRole("button", { name: "Look through past sightings" }).click();
    await expect(page.getByText("This search waits for a second person")).toBeVisible();
    await page.getByRole("link", { name: "Follow it under searches" }).click();
    await expect(page.getByText("It waits for somebody else")).toBeVisible();
    await axe();

    const second = await browser.newContext({ baseURL: new URL(page.url()).origin });
    await second.addCookies((await cookiesOf("admin")).filter(({ name }) => !name.includes("refresh")));
    const theirs = await second.newPage();
    await theirs.goto("/searches");
    await theirs.getByRole("row", { name: new RegExp(purpose) }).click();
    await theirs.getByLabel("Note (optional)").fill("Seen with the guard.");
    await theirs.getByRole("button", { name: "Approve" }).click();
    await expect(theirs.getByText("Only whoever asked sees what it finds.")).toBeVisible();
    await second.close();

    await page.reload();
    await expect(page.getByText("Seen with the guard.")).toBeVisible();
    await expect(page.getByText(/the most similar first/)).toBeVisible();
  } finally {
    const now = await admin.get("/v1/settings/privacy");
    await admin.put("/v1/settings/privacy", { data: value, headers: { "If-Match": now.headers().etag ?? "*" } });
  }
});

test("on a phone one goes through sightings and looks at one, from right to left too", async ({
  page,
  signIn,
  language,
  axe,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await language("ar");
  await signIn("viewer");
  await page.goto(`/sightings?camera=${camera}`);
  await expect(rows(page).first()).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await axe();
  await rows(page).first().click();
  await expect(page.getByRole("dialog", { name: "مشاهدة" })).toBeVisible();
  await expect(page.getByRole("button", { name: "ليس هذا الشخص" })).toHaveCount(0);
  await page.goBack();
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

/** 64 grey pixels by 64: no face. */
const WALL =
  "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAAKUlEQVR42u3MQREAAAwCIKMb3RD77SAA6VEEAoFAIBAIBAKBQCAQfA8G320AeXC6efoAAAAASUVORK5CYII=";
