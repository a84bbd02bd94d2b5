import { expect, test } from "vitest";

import { auditAddress, queryOf, wrongIds } from "./audit-query";

const ID = "01a2063d-4434-7a88-8549-98fdbb3c0de8";

test("filters that are set go to the server, and no other", () => {
  expect(queryOf(auditAddress.parse({}))).toEqual({});
  const address = auditAddress.parse({ action: "view, export", user_id: ID, ip_address: "192.0.2.1" });
  expect(queryOf(address)).toEqual({ action: ["VIEW", "EXPORT"], user_id: ID, ip_address: "192.0.2.1" });
});

test("half an id is told, not left out", () => {
  expect(wrongIds(auditAddress.parse({ user_id: ID, subject_id: "01a2" }))).toEqual(["subject_id"]);
});
