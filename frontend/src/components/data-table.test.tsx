import { useState } from "react";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";

import { DataTable, type Sort } from "@/components/data-table";

interface Camera {
  id: string;
  name: string;
}

const CAMERAS: Camera[] = ["Door", "Garage", "Hall", "Roof"].map((name) => ({ id: name.toLowerCase(), name }));

function Example({ onOpen, onSort }: { onOpen?: (camera: Camera) => void; onSort?: (sort: Sort) => void }) {
  const [selected, setSelected] = useState(new Set<string>());
  return (
    <>
      <DataTable
        caption="Cameras"
        rows={CAMERAS}
        getRowId={(camera) => camera.id}
        getRowLabel={(camera) => camera.name}
        columns={[
          { id: "name", header: "Name", sortKey: "name", cell: (camera) => camera.name },
          { id: "do", header: "Do", cell: (camera) => <button type="button">Start {camera.name}</button> },
        ]}
        sort={{ key: "name", direction: "asc" }}
        onSortChange={onSort}
        onRowOpen={onOpen}
        selection={{ selected, onChange: setSelected }}
      />
      <output>{[...selected].join(" ")}</output>
    </>
  );
}

function row(name: string) {
  return screen.getByRole("row", { name: new RegExp(name) });
}

it("goes through its rows by arrows, opens by Enter and chooses by Space", async () => {
  const opened = vi.fn<(camera: Camera) => void>();
  const user = userEvent.setup();
  render(<Example onOpen={opened} />);
  row("Door").focus();
  await user.keyboard("{ArrowDown}{ArrowDown}");
  expect(row("Hall")).toHaveFocus();
  await user.keyboard("{Enter} ");
  expect(opened).toHaveBeenCalledExactlyOnceWith(CAMERAS[2]);
  expect(screen.getByRole("status")).toHaveTextContent("hall");
  await user.keyboard("{End}{ArrowDown}");
  expect(row("Roof")).toHaveFocus();
  expect(row("Roof")).toHaveAttribute("tabindex", "0");
  expect(row("Door")).toHaveAttribute("tabindex", "-1");
});

it("chooses all that are shown, and some", async () => {
  const user = userEvent.setup();
  render(<Example />);
  const all = screen.getByRole("checkbox", { name: "Select all that are shown" });
  await user.click(screen.getByRole("checkbox", { name: "Select Garage" }));
  expect(all).toHaveAttribute("aria-checked", "mixed");
  await user.click(all);
  expect(screen.getByRole("status")).toHaveTextContent("garage door hall roof");
  await user.click(all);
  expect(screen.getByRole("status")).toBeEmptyDOMElement();
});

it("chooses a stretch with Shift", async () => {
  const user = userEvent.setup();
  render(<Example />);
  await user.click(screen.getByRole("checkbox", { name: "Select Roof" }));
  await user.keyboard("{Shift>}");
  await user.click(screen.getByRole("checkbox", { name: "Select Garage" }));
  expect(screen.getByRole("status")).toHaveTextContent("roof garage hall");
});

it("opens by a click on the row, not by one on what stands in it", async () => {
  const opened = vi.fn<(camera: Camera) => void>();
  const user = userEvent.setup();
  render(<Example onOpen={opened} />);
  await user.click(screen.getByRole("button", { name: "Start Door" }));
  await user.click(screen.getByRole("checkbox", { name: "Select Door" }));
  expect(opened).not.toHaveBeenCalled();
  await user.click(screen.getByRole("cell", { name: "Door" }));
  expect(opened).toHaveBeenCalledOnce();
});

it("says how it is sorted and turns it round", async () => {
  const sorted = vi.fn<(sort: Sort) => void>();
  render(<Example onSort={sorted} />);
  const head = screen.getByRole("columnheader", { name: "Name" });
  expect(head).toHaveAttribute("aria-sort", "ascending");
  await userEvent.click(within(head).getByRole("button"));
  expect(sorted).toHaveBeenCalledWith({ key: "name", direction: "desc" });
});
