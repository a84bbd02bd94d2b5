import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";

import { columnsIn } from "@/components/virtual-grid";
import { VirtualList } from "@/components/virtual-list";

const MANY = Array.from({ length: 100_000 }, (_, index) => `item ${index}`);

function shown() {
  return screen.getAllByRole("listitem");
}

it("draws what is in sight of a hundred thousand, as long as all of them", () => {
  render(
    <VirtualList items={MANY} estimateSize={40} getKey={(item) => item} renderItem={(item) => item} label="All" />,
  );
  expect(shown().length).toBeGreaterThan(0);
  expect(shown().length).toBeLessThan(60);
  expect(screen.getByRole("list", { name: "All" })).toHaveStyle({ height: "4000000px" });
  expect(shown()[0]).toHaveAttribute("aria-setsize", "100000");
});

it("asks for more near its end once, and offers a button where that failed", async () => {
  const onMore = vi.fn<() => void>();
  const list = (isLoadingMore: boolean) => (
    <VirtualList
      items={MANY.slice(0, 3)}
      estimateSize={40}
      getKey={(item) => item}
      renderItem={(item) => item}
      hasMore
      onMore={onMore}
      isLoadingMore={isLoadingMore}
    />
  );
  const { rerender } = render(list(false));
  expect(onMore).toHaveBeenCalledOnce();
  rerender(list(true));
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
  rerender(list(false));
  expect(onMore).toHaveBeenCalledOnce();
  await userEvent.click(screen.getByRole("button", { name: "Load more" }));
  expect(onMore).toHaveBeenCalledTimes(2);
});

it("puts as many columns in a row as fit, and one in any case", () => {
  expect(columnsIn(1000, 200, 12)).toBe(4);
  expect(columnsIn(836, 200, 12)).toBe(4);
  expect(columnsIn(835, 200, 12)).toBe(3);
  expect(columnsIn(100, 200, 12)).toBe(1);
});
