import { expect, it } from "vitest";

import { address, queryOf } from "./filters";

it("asks for the closest while somebody types", () => {
  expect(queryOf(address.parse({ q: " grace ", sort: "-created_at" }))).toEqual({ q: "grace", sort: "-relevance" });
});

it("asks for no more than what was chosen", () => {
  expect(queryOf(address.parse({}))).toEqual({ sort: "name" });
  expect(queryOf(address.parse({ watchlist: 3, status: "inactive", alerts: false, pictures: false }))).toEqual({
    watchlist_id: 3,
    status: "inactive",
    alert_on_match: false,
    has_images: false,
    sort: "name",
  });
});
