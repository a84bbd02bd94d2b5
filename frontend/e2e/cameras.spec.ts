import { expect, test } from "./fixtures";

test("a camera is tried, added, masked and removed again; each change is there after a reload", async ({
  page,
  house,
  signIn,
  unique,
  axe,
}) => {
  const name = unique("Side door");
  await signIn("admin");
  await page.goto("/cameras");
  await page.getByRole("button", { name: "Add camera" }).click();
  const dialog = page.getByRole("dialog", { name: "Add camera" });
  await dialog.getByLabel("Stream address").fill("http://169.254.169.254/latest");
  await dialog.getByRole("button", { name: "Try the address" }).click();
  await expect(dialog.getByText("this address lies in a range that cameras are not opened in")).toBeVisible();
  await dialog.getByLabel("Stream address").fill(house.stream.url);
  await dialog.getByLabel("User name of the camera").fill(house.stream.username);
  await dialog.getByLabel("Password of the camera").fill("not the right one");
  await dialog.getByRole("button", { name: "Try the address" }).click();
  await expect(dialog.getByRole("alert")).toContainText("The camera refused name or password");
  await dialog.getByLabel("Password of the camera").fill(house.stream.password);
  await dialog.getByRole("button", { name: "Try the address" }).click();
  await expect(dialog.getByRole("status").first()).toContainText("It works");
  // The house's own camera shows the same stream.
  await expect(dialog.getByText("A camera has this address already")).toBeVisible();
  await dialog.getByRole("button", { name: "Next" }).click();
  await expect(dialog.getByText("Step 2 of 2")).toBeVisible();
  // Back by the browser's button, and on: nothing that was typed is lost.
  await page.goBack();
  await expect(dialog.getByLabel("Stream address")).toHaveValue(house.stream.url);
  // And once more, which would leave it.
  await page.goBack();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).click();
  await expect(dialog.getByLabel("Stream address")).toHaveValue(house.stream.url);
  await dialog.getByRole("button", { name: "Next" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill(name);
  await axe();
  await dialog.getByRole("button", { name: "Add camera" }).dblclick();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.getByText("active")).toBeVisible({ timeout: 30_000 });

  await page.getByRole("tab", { name: "Configuration" }).click();
  const masks = page.getByRole("group", { name: "Privacy masks" });
  await masks.getByRole("button", { name: "Draw an area" }).click();
  const surface = masks.locator("svg").last();
  for (const [x, y] of [
    [40, 40],
    [160, 40],
    [100, 140],
  ] as const)
    await surface.click({ position: { x, y } });
  await masks.getByRole("button", { name: "Close the area" }).click();
  await masks.getByRole("button", { name: "Area 1, corner 3" }).focus();
  await page.keyboard.press("ArrowDown");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved")).toBeVisible();
  await page.reload();
  await expect(masks.getByRole("button", { name: "Area 1, corner 3" })).toBeVisible();
  await axe();
  await masks.getByRole("button", { name: "Insert a rectangle" }).press("Enter");
  await masks.getByRole("button", { name: "Area 2, corner 4" }).focus();
  await masks.getByRole("button", { name: "Add a corner" }).press("Enter");
  await expect(masks.getByRole("button", { name: "Area 2, corner 5" })).toBeVisible();
  await masks.getByRole("button", { name: "Undo" }).click();
  await masks.getByRole("button", { name: "Undo" }).click();
  await expect(masks.getByRole("button", { name: /Area 2, corner/ })).toHaveCount(0);
  await page.getByRole("tab", { name: "Health" }).click();
  await expect(page.getByText("added the camera")).toBeVisible();
  await expect(page.getByText("areas or reading")).toBeVisible();
  await axe();
  await page.getByRole("tab", { name: "Statistics" }).click();
  await expect(page.getByText("Analysed frames").first()).toBeVisible();

  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await expect(page).toHaveURL(/\/cameras$/);
  await page.goto(`/cameras?q=${encodeURIComponent(name)}`);
  await expect(page.getByText("No camera fits")).toBeVisible();
});

test("a playlist is looked at before anything of it is added", async ({ page, signIn, unique, api, axe }) => {
  const [first, second] = [unique("Channel"), unique("Channel")];
  await signIn("admin");
  await page.goto("/cameras?dialog=import");
  const dialog = page.getByRole("dialog", { name: "Import playlist" });
  const address = (name: string) => encodeURIComponent(name);
  const text = `#EXTM3U\n#EXTINF:-1,${first}\nrtsp://me:secret-of-it@127.0.0.1:1/${address(first)}\n#EXTINF:-1,${second}\nrtsp://127.0.0.1:1/${address(second)}\n/etc/passwd\n`;
  await dialog
    .locator("input[type=file]")
    .setInputFiles({ name: "list.m3u", mimeType: "audio/x-mpegurl", buffer: Buffer.from(text) });
  await expect(dialog.getByRole("status").first()).toContainText("3 entries found.");
  await expect(dialog.getByRole("status").first()).toContainText("1 refused");
  await expect(dialog.getByText(`rtsp://127.0.0.1:1/${address(first)}`)).toBeVisible();
  await expect(dialog.getByText("secret-of-it")).toHaveCount(0);
  await dialog.getByRole("checkbox", { name: `Import ${second}` }).click();
  await axe();
  await dialog.getByRole("button", { name: "Add 1 camera" }).click();
  await expect(dialog.getByRole("status").first()).toContainText("1 added");
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await page.getByLabel("Search cameras").fill(first);
  await expect(page).toHaveURL(/q=Channel/);
  await page.reload();
  await expect(page.getByRole("row", { name: new RegExp(first) })).toBeVisible();
  await expect(page.getByRole("row", { name: new RegExp(second) })).toHaveCount(0);
  await page.getByRole("checkbox", { name: new RegExp(first) }).click();
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("row", { name: new RegExp(first) })).toHaveCount(0);
  const left = await (await api()).get("/v1/cameras", { params: { q: first } });
  expect(((await left.json()) as { items: unknown[] }).items).toEqual([]);
});

test("who only watches changes nothing, also on a phone", async ({ page, signIn, axe }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn("viewer");
  await page.goto("/cameras");
  await page.getByRole("table").getByRole("link").first().click();
  await expect(page.getByRole("tab", { name: "Live" })).toBeVisible();
  await expect(page.getByRole("tab", { name: "Configuration" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Remove" })).toHaveCount(0);
  await axe();
});

test("what somebody else changed meanwhile is said, and a group is made, renamed, used and deleted", async ({
  page,
  signIn,
  unique,
  api,
  expectComplaint,
}) => {
  expectComplaint("412");
  const [name, group, renamed] = [unique("Attic"), unique("Upstairs"), unique("Top floor")];
  const admin = await api();
  const body = { name, stream_url: `rtsp://127.0.0.1:1/${encodeURIComponent(name)}`, detection_enabled: false };
  const made = await admin.post("/v1/cameras", { data: body });
  const { id } = (await made.json()) as { id: string };
  await signIn("admin");

  await page.goto("/cameras?dialog=groups");
  const groups = page.getByRole("dialog", { name: "Groups" });
  await groups.getByLabel("New group").fill(group);
  await groups.getByRole("button", { name: "Add" }).click();
  await groups.getByRole("button", { name: `Rename ${group}` }).click();
  await groups.getByRole("textbox", { name: `Rename ${group}` }).fill(renamed);
  await groups.getByRole("button", { name: "Save" }).click();
  await expect(groups.getByText(renamed)).toBeVisible();

  await page.goto(`/cameras?q=${encodeURIComponent(name)}`);
  await page.getByRole("checkbox", { name: new RegExp(name) }).click();
  await page.getByRole("combobox", { name: "Move to group" }).click();
  await page.getByRole("option", { name: renamed }).click();
  await expect(page.getByRole("row", { name: new RegExp(name) })).toContainText(renamed);
  await page.reload();
  await expect(page.getByRole("row", { name: new RegExp(name) })).toContainText(renamed);
  await expect(page.getByRole("combobox", { name: "State" })).toContainText("(1)");

  await page.goto(`/cameras/${id}?tab=configuration`);
  await page.getByLabel("Location (optional)").fill("mine");
  const theirs = { ...body, location: "theirs" };
  expect((await admin.put(`/v1/cameras/${id}`, { data: theirs, headers: { "If-Match": "*" } })).ok()).toBe(true);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Somebody changed this camera meanwhile")).toBeVisible();
  await expect(page.getByLabel("Location (optional)")).toHaveValue("mine");
  await page.getByRole("button", { name: "Discard mine" }).click();
  await expect(page.getByLabel("Location (optional)")).toHaveValue("theirs");

  await admin.delete(`/v1/cameras/${id}`);
  await page.goto("/cameras?dialog=groups");
  await groups.getByRole("button", { name: `Delete ${renamed}` }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(groups.getByText(renamed)).toHaveCount(0);
  await page.reload();
  await expect(groups.getByLabel("New group")).toBeVisible();
  await expect(groups.getByText(renamed)).toHaveCount(0);
});
