import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";

import { ConfirmDialog } from "@/components/confirm-dialog";
import { ApiError } from "@/lib/errors";

it("waits for the name to be typed, does it once, stays with the reason of a failure and closes after success", async () => {
  const user = userEvent.setup();
  const changed = vi.fn<(open: boolean) => void>();
  const confirm = vi
    .fn<() => Promise<void>>()
    .mockRejectedValueOnce(new ApiError({ code: "odd", detail: "It is in use.", hint: "Stop it first." }, 409))
    .mockResolvedValueOnce();
  render(
    <ConfirmDialog
      open
      onOpenChange={changed}
      title="Delete Door?"
      description="Its sightings go too."
      confirmLabel="Delete"
      destructive
      requireText="Door"
      onConfirm={confirm}
    />,
  );
  const button = screen.getByRole("button", { name: "Delete" });
  expect(button).toBeDisabled();
  await user.type(screen.getByRole("textbox", { name: "To confirm, type Door" }), "Door");
  await user.click(button);
  expect(await screen.findByRole("alert")).toHaveTextContent("It is in use.Stop it first.");
  expect(changed).not.toHaveBeenCalled();
  await user.click(button);
  await expect.poll(() => changed.mock.calls).toEqual([[false]]);
  expect(confirm).toHaveBeenCalledTimes(2);
});
