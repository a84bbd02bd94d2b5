import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { AGAIN_MS, HeldMotion, LASTS_SECONDS, type Motion } from "./held-motion";

const RIGHT: Motion = { pan: 1, tilt: 0, zoom: 0 };
const UP: Motion = { pan: 0, tilt: 1, zoom: 0 };

/** A camera that takes its time: what it was told, and the answers that are still due. */
function slowCamera() {
  const told: (Motion | "stop")[] = [];
  const due: { answer: () => void; fail: (error: Error) => void }[] = [];
  const answer = () =>
    new Promise<void>((resolve, reject) => {
      due.push({ answer: resolve, fail: reject });
    });
  const onError = vi.fn();
  const held = new HeldMotion({
    move: (motion, seconds) => {
      expect(seconds).toBe(LASTS_SECONDS);
      told.push(motion);
      return answer();
    },
    stop: () => {
      told.push("stop");
      return answer();
    },
    onError,
  });
  const next = async (act: "answer" | "fail" = "answer") => {
    const one = due.shift();
    if (act === "answer") one?.answer();
    else one?.fail(new Error("away"));
    await vi.advanceTimersByTimeAsync(0);
  };
  return { told, held, next, onError };
}

describe("a movement that is held", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("goes on as long as it is held, and stops once", async () => {
    const { told, held, next } = slowCamera();
    held.hold(RIGHT);
    await next();
    await vi.advanceTimersByTimeAsync(AGAIN_MS);
    await next();
    held.release();
    await next();
    await vi.advanceTimersByTimeAsync(10 * AGAIN_MS);
    expect(told).toEqual([RIGHT, RIGHT, "stop"]);
  });

  test("the stop waits for the movement that it ends", async () => {
    const { told, held, next } = slowCamera();
    held.hold(RIGHT);
    held.release();
    expect(told).toEqual([RIGHT]);
    await next();
    expect(told).toEqual([RIGHT, "stop"]);
  });

  test("of what is wanted while the camera is slow only the last counts", async () => {
    const { told, held, next } = slowCamera();
    held.hold(RIGHT);
    held.release();
    held.hold(UP);
    held.release();
    held.hold(UP);
    await next();
    expect(told).toEqual([RIGHT, UP]);
  });

  test("one that failed is told, stopped, and not tried again", async () => {
    const { told, held, next, onError } = slowCamera();
    held.hold(RIGHT);
    await next("fail");
    await next("fail");
    await vi.advanceTimersByTimeAsync(10 * AGAIN_MS);
    held.release();
    expect(onError).toHaveBeenCalledOnce();
    expect(told).toEqual([RIGHT, "stop"]);
    held.hold(UP);
    expect(told).toEqual([RIGHT, "stop", UP]);
  });

  test("one that is held while a failed one is stopped follows at once", async () => {
    const { told, held, next } = slowCamera();
    held.hold(RIGHT);
    await next("fail");
    held.hold(UP);
    expect(told).toEqual([RIGHT, "stop"]);
    await next();
    expect(told).toEqual([RIGHT, "stop", UP]);
  });

  test("ends after a minute, whoever forgot to let go", async () => {
    const { told, held, next } = slowCamera();
    held.hold(RIGHT);
    for (let again = 0; again < 30; again += 1) {
      await next();
      await vi.advanceTimersByTimeAsync(AGAIN_MS);
    }
    await next();
    expect(told.filter((one) => one !== "stop")).toHaveLength(21);
    expect(told.at(-1)).toBe("stop");
  });
});
