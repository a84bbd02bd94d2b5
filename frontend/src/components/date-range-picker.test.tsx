import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";

import { DateRangePicker } from "@/components/date-range-picker";
import { rangeOfPreset, type DateRange } from "@/lib/date-range";

it("offers presets and closes after the choice", async () => {
  const changed = vi.fn<(range: DateRange) => void>();
  const user = userEvent.setup();
  render(<DateRangePicker value={rangeOfPreset("day")} onChange={changed} />);
  await user.click(screen.getByRole("button", { name: /^Time:.*Last 24 hours/ }));
  expect(screen.getByRole("button", { name: "Last 24 hours" })).toHaveAttribute("aria-pressed", "true");
  await user.click(screen.getByRole("button", { name: "Last 7 days" }));
  expect(changed).toHaveBeenCalledExactlyOnceWith({ preset: "week", since: rangeOfPreset("week").since });
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
});

it("takes any time where none is required", async () => {
  const changed = vi.fn<(range: DateRange) => void>();
  const user = userEvent.setup();
  render(<DateRangePicker value={{ preset: "hour" }} onChange={changed} />);
  await user.click(screen.getByRole("button", { name: /Last hour/ }));
  await user.click(screen.getByRole("button", { name: "Any time" }));
  expect(changed).toHaveBeenCalledExactlyOnceWith({});
});

it("applies days and times, the last minute as a whole", async () => {
  const changed = vi.fn<(range: DateRange) => void>();
  const user = userEvent.setup();
  const since = new Date(2026, 2, 3, 8, 15);
  const until = new Date(2026, 2, 4, 17, 45);
  render(<DateRangePicker value={{ since: since.toISOString(), until: until.toISOString() }} onChange={changed} />);
  await user.click(screen.getByRole("button", { name: /Mar 3, 2026/ }));
  await user.click(screen.getByRole("button", { name: "Show this time" }));
  expect(changed).toHaveBeenCalledExactlyOnceWith({
    since: since.toISOString(),
    until: new Date(2026, 2, 4, 17, 45, 59, 999).toISOString(),
  });
});
