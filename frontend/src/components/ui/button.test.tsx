import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";

import { Button } from "@/components/ui/button";

it("sends a form once, however fast it is clicked", async () => {
  const sent = vi.fn((event: { preventDefault: () => void }) => event.preventDefault());
  render(
    <form onSubmit={sent}>
      <Button type="submit">Add</Button>
    </form>,
  );
  await userEvent.dblClick(screen.getByRole("button", { name: "Add" }));
  expect(sent).toHaveBeenCalledTimes(1);
});
