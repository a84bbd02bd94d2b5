import { renderHook } from "@testing-library/react";
import { expect, it } from "vitest";

import { ApiError } from "@/lib/errors";
import { useIdempotencyKey } from "@/lib/idempotency";

it("is one key per form: kept where nobody knows whether it was done, another one after an answer", () => {
  const { result } = renderHook(() => useIdempotencyKey());
  const key = () => result.current.header()["Idempotency-Key"];
  const first = key();
  expect(key()).toBe(first);
  result.current.renew(new ApiError({ code: "unreachable" }, 0));
  expect(key()).toBe(first);
  result.current.renew(new ApiError({ code: "invalid_input" }, 422));
  const second = key();
  expect(second).not.toBe(first);
  result.current.renew();
  expect(key()).not.toBe(second);
});
