import { expect, test } from "./fixtures";
import { code } from "./totp";

test("an administrator adds somebody, who logs in, chooses a password, and is removed again", async ({
  page,
  browser,
  house,
  signIn,
  axe,
}) => {
  const name = `vera-${Date.now()}`;
  await signIn("admin");
  await page.goto("/users");
  await expect(page.getByRole("row", { name: /auditor/ })).toBeVisible();
  await axe();
  await page.getByRole("button", { name: "Add user" }).click();
  const form = page.getByRole("dialog", { name: "Add user" });
  await form.getByRole("button", { name: "Create account" }).click();
  await expect(form.getByText("Enter a user name.")).toBeVisible();
  await form.getByLabel("User name").fill(name);
  await form.getByRole("combobox", { name: "Role" }).click();
  await page.getByRole("option", { name: "Viewer" }).click();
  await axe();
  await form.getByRole("button", { name: "Create account" }).dblclick();
  const shown = page.getByRole("dialog", { name: `Password of ${name}` });
  const password = (await shown.locator("code").textContent()) ?? "";
  await shown.getByRole("button", { name: "Done" }).click();
  await page.reload();
  await page.getByLabel("Search by name or address").fill(name);
  await expect(page.getByRole("row", { name: new RegExp(name) })).toHaveCount(1);

  const theirs = await browser.newContext({ baseURL: house.url });
  const other = await theirs.newPage();
  await other.goto("/");
  await other.getByLabel("User name or e-mail").fill(name);
  await other.getByLabel("Password").fill(password);
  await other.getByRole("button", { name: "Log in" }).click();
  await expect(other.getByRole("heading", { name: "Choose your own password" })).toBeVisible();
  await other.getByLabel("Current password").fill(password);
  await other.getByLabel("New password", { exact: true }).fill("short");
  await other.getByLabel("New password again").fill("short");
  await other.getByRole("button", { name: "Change password" }).click();
  await expect(other.getByText("Use at least 15 characters.")).toBeVisible();
  await other.getByLabel("New password", { exact: true }).fill("lanterns over the quiet bay");
  await other.getByLabel("New password again").fill("lanterns over the quiet bay");
  await other.getByRole("button", { name: "Change password" }).click();
  await expect(other.getByRole("navigation", { name: "Main navigation" })).toBeVisible();
  await theirs.close();

  await page
    .getByRole("row", { name: new RegExp(name) })
    .getByRole("button", { name: /Actions for/ })
    .click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("row", { name: new RegExp(name) })).toHaveCount(0);
  await page.reload();
  await expect(page.getByText("No account found")).toBeVisible();
});

test("a change that came second is told, and nothing typed is lost", async ({ page, signIn, api }) => {
  const admin = await api();
  const name = `otto-${Date.now()}`;
  const made = await admin.post("/v1/users", { data: { username: name, role: "viewer" } });
  const { id } = (await made.json()) as { id: string };
  await signIn("admin");
  await page.goto(`/users?q=${name}`);
  await page.getByRole("row", { name: new RegExp(name) }).click();
  const form = page.getByRole("dialog", { name });
  await form.getByLabel("E-mail (optional)").fill("otto@example.org");
  const faster = await admin.put(`/v1/users/${id}`, {
    data: { role: "operator" },
    headers: { "If-Match": made.headers().etag ?? "" },
  });
  expect(faster.status()).toBe(200);
  await form.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Somebody else changed this meanwhile")).toBeVisible();
  await expect(form.getByLabel("E-mail (optional)")).toHaveValue("otto@example.org");
  await form.getByRole("button", { name: "Save" }).click();
  await expect(form).toBeHidden();
  await expect(page.getByText("otto@example.org")).toBeVisible();
  await admin.delete(`/v1/users/${id}`);
});

test("what each role may do is readable, also on a phone", async ({ page, signIn, axe }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn("admin");
  await page.goto("/users?tab=roles");
  const row = page.getByRole("row", { name: /manage users/ });
  await expect(row.getByLabel("Yes")).toHaveCount(1);
  await axe();
});

test("who lost their phone is limited to a group, logged out everywhere, and let in again", async ({
  page,
  playwright,
  house,
  signIn,
  api,
  unique,
}) => {
  const admin = await api();
  const [name, password, group] = [`theo-${Date.now()}`, "lanterns over the quiet bay", unique("Gates")];
  const made = await admin.post("/v1/users", {
    data: { username: name, role: "viewer", password, must_change_password: false },
  });
  const { id } = (await made.json()) as { id: string };
  const { id: groupId } = (await (await admin.post("/v1/camera-groups", { data: { name: group } })).json()) as {
    id: string;
  };
  const theirs = await playwright.request.newContext({ baseURL: house.url });
  const logIn = () => theirs.post("/v1/auth/login", { data: { username: name, password } });
  const { access_token: token } = (await (await logIn()).json()) as { access_token: string };
  const headers = { Authorization: `Bearer ${token}` };
  const begun = await theirs.post("/v1/auth/second-factor", { data: { password }, headers });
  const { secret } = (await begun.json()) as { secret: string };
  await theirs.post("/v1/auth/second-factor/confirm", { data: { code: code(secret) }, headers });
  expect((await logIn()).status()).toBe(401);

  await signIn("admin");
  await page.goto(`/users?q=${name}`);
  const row = page.getByRole("row", { name: new RegExp(name) });
  const choose = async (action: string) => {
    await row.getByRole("button", { name: /Actions for/ }).click();
    await page.getByRole("menuitem", { name: action }).click();
  };
  await choose("Edit");
  const form = page.getByRole("dialog", { name });
  await form.getByRole("combobox", { name: "Camera groups" }).click();
  await page.getByRole("option", { name: group }).click();
  await page.keyboard.press("Escape");
  await form.getByRole("button", { name: "Save" }).click();
  await expect(row).toContainText(group);
  await choose("Sessions");
  const sessions = page.getByRole("dialog", { name: `Sessions of ${name}` });
  await expect(sessions.getByRole("listitem")).toHaveCount(1);
  await sessions.getByRole("button", { name: "End all" }).click();
  await expect(sessions.getByText("Not logged in anywhere.")).toBeVisible();
  expect((await theirs.get("/v1/cameras", { headers })).status()).toBe(401);
  await page.keyboard.press("Escape");
  await choose("Reset second factor");
  await page.getByRole("alertdialog").getByRole("button", { name: "Reset second factor" }).click();
  await expect(page.getByRole("alertdialog")).toBeHidden();
  expect((await logIn()).status()).toBe(200);
  await page.reload();
  await expect(row.getByRole("button", { name: /Actions for/ })).toBeVisible();
  await admin.delete(`/v1/users/${id}`);
  await admin.delete(`/v1/camera-groups/${groupId}`);
  await theirs.dispose();
});
