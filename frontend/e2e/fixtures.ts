import { randomUUID } from "node:crypto";

import { AxeBuilder } from "@axe-core/playwright";
import {
  test as base,
  expect,
  request,
  type APIRequestContext,
  type BrowserContext,
  type Page,
} from "@playwright/test";

import { runningHouse, type House, type RoleName } from "./house";

export { expect };
export type { RoleName };

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
type Cookies = Awaited<ReturnType<BrowserContext["cookies"]>>;

interface WorkerFixtures {
  house: House;
  /** Cookies of a login, made once per role and worker. */
  cookiesOf: (role: RoleName) => Promise<Cookies>;
  /** The API as a role, without a browser. Paths below /v1. */
  api: (role?: RoleName) => Promise<APIRequestContext>;
}

interface TestFixtures {
  /** Log the page's context in without the form. */
  signIn: (role?: RoleName) => Promise<void>;
  /** A name that no other test has. */
  unique: (word: string) => string;
  /** The page has no violation of WCAG 2.2 AA that a program can find; in light and dark. */
  axe: (options?: { exclude?: string }) => Promise<void>;
  theme: (theme: "light" | "dark") => Promise<void>;
  language: (language: "en" | "de" | "fr" | "es" | "ar") => Promise<void>;
  /** Complaints of the page that this test expects, by a part of their text. */
  expectComplaint: (part: string | RegExp) => void;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  house: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the parameter's form
    async ({}, use) => {
      await use(runningHouse());
    },
    { scope: "worker" },
  ],
  cookiesOf: [
    async ({ house }, use) => {
      const kept = new Map<RoleName, Promise<Cookies>>();
      const login = async (role: RoleName) => {
        const context = await request.newContext({ baseURL: house.url });
        const { username, password } = house.accounts[role];
        const answer = await context.post("/v1/auth/login", { data: { username, password, transport: "cookie" } });
        expect(answer.status()).toBe(200);
        const { cookies } = await context.storageState();
        await context.dispose();
        return cookies;
      };
      await use((role) => {
        const found = kept.get(role) ?? login(role);
        kept.set(role, found);
        return found;
      });
    },
    { scope: "worker" },
  ],
  api: [
    async ({ house }, use) => {
      const made: APIRequestContext[] = [];
      await use(async (role = "admin") => {
        const { username, password } = house.accounts[role];
        const stranger = await request.newContext({ baseURL: house.url });
        const answer = await stranger.post("/v1/auth/login", { data: { username, password } });
        const { access_token } = (await answer.json()) as { access_token: string };
        await stranger.dispose();
        const context = await request.newContext({
          baseURL: house.url,
          extraHTTPHeaders: { Authorization: `Bearer ${access_token}` },
        });
        made.push(context);
        return context;
      });
      for (const context of made) await context.dispose();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ house }, use) => {
    await use(house.url);
  },
  signIn: async ({ context, cookiesOf }, use) => {
    await use(async (role = "operator") => {
      // The refresh token is good once: pages of tests live by the access token of a quarter of an hour.
      const cookies = (await cookiesOf(role)).filter(({ name }) => !name.includes("refresh"));
      await context.addCookies(cookies);
    });
  },
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the parameter's form
  unique: async ({}, use) => {
    await use((word) => `${word} ${randomUUID().slice(0, 8)}`);
  },
  axe: async ({ page, theme }, use) => {
    await use(async ({ exclude } = {}) => {
      for (const shown of ["light", "dark"] as const) {
        await theme(shown);
        let builder = new AxeBuilder({ page }).withTags(RULES);
        if (exclude) builder = builder.exclude(exclude);
        const { violations } = await builder.analyze();
        const told = violations.map(
          ({ id, nodes }) => `${shown} ${id}: ${nodes.map((node) => node.html).join("\n  ")}`,
        );
        expect(told).toEqual([]);
      }
    });
  },
  theme: async ({ page }, use) => {
    await use(async (theme) => {
      await page.evaluate((chosen) => {
        localStorage.setItem("sightline.theme", chosen);
        dispatchEvent(new StorageEvent("storage"));
      }, theme);
      await expect(page.locator("html")).toHaveClass(theme === "dark" ? /dark/ : /^(?!.*dark)/);
      // Colours change by transitions; contrast is that of their end.
      // Those without an end are none of them: pictures further down that are loaded when they come into sight.
      await page.evaluate(() =>
        Promise.all(
          document
            .getAnimations()
            .filter((one) => one.effect?.getTiming().iterations !== Infinity)
            .map((one) => one.finished.catch(() => null)),
        ),
      );
    });
  },
  language: async ({ context }, use) => {
    await use(async (language) => {
      await context.addInitScript((chosen) => localStorage.setItem("sightline.language", chosen), language);
    });
  },
  expectComplaint: [
    async ({ page }, use, info) => {
      const expected: (string | RegExp)[] = [];
      const complaints = listen(page);
      await use((part) => expected.push(part));
      const open = complaints.filter((told) => !expected.some((part) => matches(told, part)));
      if (info.status === info.expectedStatus) expect(open).toEqual([]);
    },
    { auto: true },
  ],
});

function matches(told: string, part: string | RegExp): boolean {
  return typeof part === "string" ? told.includes(part) : part.test(told);
}

/** Errors of scripts, violations of the content policy and failed answers of the server: none may go unseen. */
function listen(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  page.on("console", (message) => {
    const text = message.text();
    // The browser's own line about a status: refusals of the API are answers that tests look at.
    if (message.type() === "error" && !text.startsWith("Failed to load resource")) complaints.push(`console: ${text}`);
  });
  page.on("response", (answer) => {
    if (answer.status() >= 500) complaints.push(`status ${answer.status()}: ${answer.url()}`);
  });
  return complaints;
}
