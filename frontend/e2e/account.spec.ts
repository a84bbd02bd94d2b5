import { expect, test } from "./fixtures";
import { code } from "./totp";

const SECOND_PASSWORD = "lanterns over the quiet bay";

test("somebody sets up a second factor and logs in with it; then takes it off", async ({ page, api, axe }) => {
  const admin = await api();
  const name = `nina-${Date.now()}`;
  const made = await admin.post("/v1/users", { data: { username: name, role: "viewer", password: SECOND_PASSWORD } });
  const { id } = (await made.json()) as { id: string };

  const logIn = async (otp?: string) => {
    await page.getByLabel("User name or e-mail").fill(name);
    await page.getByLabel("Password").fill(SECOND_PASSWORD);
    await page.getByRole("button", { name: "Log in" }).click();
    if (!otp) return;
    await page.getByLabel("Code of your authenticator app").fill(otp);
    await page.getByRole("button", { name: "Log in" }).click();
  };

  await page.goto("/account");
  await logIn();
  await expect(page).toHaveURL(/\/account/);
  await expect(page.getByText("This browser", { exact: true })).toBeVisible();
  await axe();
  await page.getByRole("button", { name: "Set up a second factor" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Password").fill(SECOND_PASSWORD);
  await dialog.getByRole("button", { name: "Next" }).click();
  const secret = (await dialog.locator("code").textContent()) ?? "";
  await axe();
  await dialog.getByLabel("Code of your authenticator app").fill(code(secret));
  await dialog.getByRole("button", { name: "Next" }).click();
  await expect(dialog.getByRole("listitem")).toHaveCount(10);
  const recovery = await dialog.getByRole("listitem").allTextContents();
  await dialog.getByRole("button", { name: "I have kept them" }).click();
  await expect(page.getByRole("button", { name: "Remove the second factor" })).toBeVisible();

  await page.getByRole("button", { name: /Account menu/ }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await page.goto("/account");
  await logIn("000000");
  await expect(page.getByRole("alert")).toContainText("Password or code is not right");
  await page.getByLabel("Code of your authenticator app").fill(recovery[0] ?? "");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: "Remove the second factor" }).click();
  await page.getByRole("dialog").getByLabel("Password").fill(SECOND_PASSWORD);
  await page
    .getByRole("dialog")
    .getByLabel("Code of your authenticator app")
    .fill(recovery[1] ?? "");
  await page.getByRole("dialog").getByRole("button", { name: "Remove the second factor" }).click();
  await expect(page.getByRole("button", { name: "Set up a second factor" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("button", { name: "Set up a second factor" })).toBeVisible();
  await admin.delete(`/v1/users/${id}`);
});

test("a login that ended in the middle of a form is renewed over it, and nothing typed is lost", async ({
  page,
  context,
  house,
  signIn,
}) => {
  await signIn("admin");
  await page.goto("/users");
  await page.getByRole("button", { name: "Add user" }).click();
  const form = page.getByRole("dialog", { name: "Add user" });
  const name = `late-${Date.now()}`;
  await form.getByLabel("User name").fill(name);
  await context.clearCookies();
  await form.getByRole("button", { name: "Create account" }).click();
  const again = page.getByRole("dialog", { name: "Your session has ended" });
  await again.getByLabel("Password").fill(house.accounts.admin.password);
  await again.getByRole("button", { name: "Log in" }).click();
  await expect(again).toBeHidden();
  await expect(form.getByLabel("User name")).toHaveValue(name);
  await form.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("dialog", { name: `Password of ${name}` })).toBeVisible();
});

test("two tabs are in step: logged out in one, logged out in the other", async ({ page, context, house }) => {
  await page.goto("/account");
  await page.getByLabel("User name or e-mail").fill(house.accounts.viewer.username);
  await page.getByLabel("Password").fill(house.accounts.viewer.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("heading", { name: "Your account" })).toBeVisible();
  const second = await context.newPage();
  await second.goto("/account");
  await expect(second.getByRole("heading", { name: "Your account" })).toBeVisible();
  await page.getByRole("button", { name: /Account menu/ }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await expect(second.getByRole("dialog", { name: "Your session has ended" })).toBeVisible();
});

test("a server that goes away and comes back is told, and lists go on", async ({
  page,
  signIn,
  context,
  expectComplaint,
}) => {
  await signIn("operator");
  expectComplaint("ERR_INTERNET_DISCONNECTED"); // the line is tried again and again
  await page.goto("/account");
  await expect(page.getByText("This browser", { exact: true })).toBeVisible();
  await context.setOffline(true);
  await expect(page.getByText("You are offline. What you see may be old.")).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText("You are offline. What you see may be old.")).toBeHidden();
  await page.goto("/cameras");
  await expect(page.getByRole("navigation", { name: "Main navigation" })).toBeVisible();
});
