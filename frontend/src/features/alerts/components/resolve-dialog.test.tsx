import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Suspense } from "react";
import { describe, expect, it, vi } from "vitest";

import { ResolveDialog } from "./resolve-dialog";

function show(count = 1) {
  const onResolve = vi.fn<(verdict: string, note: string) => void>();
  const onClose = vi.fn<() => void>();
  render(
    <Suspense>
      <ResolveDialog count={count} onClose={onClose} onResolve={onResolve} />
    </Suspense>,
  );
  return { onResolve, onClose };
}

describe("how an alert turned out", () => {
  it("is chosen by one key", async () => {
    const { onResolve } = show();
    await screen.findByRole("dialog", { name: "How did it turn out?" });
    await userEvent.keyboard("f");
    expect(onResolve).toHaveBeenCalledExactlyOnceWith("false_match", "");
  });

  it("is not chosen by Enter, nor by letters of the comment, which goes with the choice", async () => {
    const { onResolve } = show(3);
    await screen.findByRole("dialog", { name: "How did these 3 turn out?" });
    await userEvent.keyboard("{Enter}");
    await userEvent.type(screen.getByLabelText("Comment (optional)"), " left the building ");
    expect(onResolve).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: /^Unclear/ }));
    expect(onResolve).toHaveBeenCalledExactlyOnceWith("unclear", "left the building");
  });

  it("is left open by Escape", async () => {
    const { onResolve, onClose } = show();
    await screen.findByRole("dialog");
    await userEvent.keyboard("{Escape}");
    expect(onClose).toHaveBeenCalled();
    expect(onResolve).not.toHaveBeenCalled();
  });
});
