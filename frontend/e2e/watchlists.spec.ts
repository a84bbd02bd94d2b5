import { expect, test } from "./fixtures";

test("an administrator adds a list, renews it, switches it off and deletes it", async ({
  page,
  signIn,
  unique,
  axe,
}) => {
  const name = unique("Night shift");
  await signIn("admin");
  await page.goto("/watchlists");
  await page.getByRole("button", { name: "Add watchlist" }).click();
  const form = page.getByRole("dialog", { name: "Add watchlist" });
  await form.getByRole("button", { name: "Create watchlist" }).click();
  await expect(form.getByText("Enter a name.")).toBeVisible();
  await form.getByLabel("Name").fill(name);
  await form.getByLabel("Legal basis").fill("House rules §4");
  await form.getByLabel("Approved by").fill("Dana Approver");
  await form.getByRole("combobox", { name: "Priority" }).click();
  await page.getByRole("option", { name: /high/ }).click();
  await axe();
  await form.getByRole("button", { name: "Create watchlist" }).dblclick();
  await expect(form).toBeHidden();

  await page.goto(`/watchlists?q=${encodeURIComponent(name)}`);
  const row = page.getByRole("row", { name: new RegExp(name) });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText("4 · high");
  await axe();

  const choose = async (action: string) => {
    await row.getByRole("button", { name: `Actions for ${name}` }).click();
    await page.getByRole("menuitem", { name: action }).click();
  };
  await choose("Renew");
  const renewal = page.getByRole("dialog", { name: `Renew ${name}` });
  await renewal.getByLabel("Approved by").fill("Rana Reviewer");
  await renewal.getByRole("button", { name: "Renew" }).click();
  await expect(renewal).toBeHidden();
  await choose("Switch off");
  await page.getByRole("alertdialog").getByRole("button", { name: "Switch off" }).click();
  await expect(row).toContainText("Switched off");
  await page.reload();
  await expect(row).toContainText("Rana Reviewer");
  await expect(row).toContainText("Switched off");
  await choose("Delete");
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("No watchlist found")).toBeVisible();
});

test("a list in use says why it stays, on a phone too; who may only read changes nothing", async ({
  page,
  signIn,
  unique,
  api,
  axe,
  expectComplaint,
}) => {
  const admin = await api();
  const name = unique("Lobby");
  const expires_at = new Date(Date.now() + 20 * 86_400_000).toISOString();
  const made = await admin.post("/v1/watchlists", {
    data: { name, legal_basis: "House rules", approver: "Dana", expires_at },
  });
  const list = (await made.json()) as { id: number };
  const person = await admin.post("/v1/subjects", { data: { name: unique("Guest"), watchlist_id: list.id } });
  const subject = (await person.json()) as { id: string };
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn("admin");
  await page.goto(`/watchlists?q=${encodeURIComponent(name)}`);
  const row = page.getByRole("row", { name: new RegExp(name) });
  await expect(row).toContainText("Soon");
  await axe();
  await row.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const asked = page.getByRole("alertdialog");
  await expect(asked).toContainText("1 person is on this list");
  expectComplaint("409");
  await asked.getByRole("button", { name: "Delete" }).click();
  await expect(asked.getByRole("alert")).toBeVisible();
  await signIn("viewer");
  await page.reload();
  await expect(row).toBeVisible();
  await expect(page.getByRole("button", { name: "Add watchlist" })).toHaveCount(0);
  await admin.delete(`/v1/subjects/${subject.id}`);
  await admin.delete(`/v1/watchlists/${list.id}`);
});
