import { fireEvent, render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";

import { boxStyle, FramePicture, pictureStyle, type FrameBox } from "@/components/frame-picture";

const BOX: FrameBox = { id: "a", x: 0.25, y: 0.5, width: 0.125, height: 0.25, label: "Ada" };

it("places boxes in parts of the picture and cuts off what reaches over its edge", () => {
  expect(boxStyle(BOX)).toEqual({ left: "25%", top: "50%", width: "12.5%", height: "25%" });
  expect(boxStyle({ x: -0.1, y: 0.9, width: 0.3, height: 0.4 })).toEqual({
    left: "0%",
    top: "90%",
    width: "20%",
    height: "10%",
  });
});

it("gives the picture the largest area of its ratio in the frame", () => {
  expect(pictureStyle(2)).toEqual({ aspectRatio: 2, width: "min(100cqw, 200cqh)" });
});

it("shows boxes once the picture is there, and tells which was clicked", () => {
  const clicked = vi.fn<(box: FrameBox) => void>();
  render(<FramePicture src="/a.jpg" alt="Frame" boxes={[BOX]} onBoxClick={clicked} />);
  expect(screen.queryByRole("button")).not.toBeInTheDocument();
  fireEvent.load(screen.getByAltText("Frame"));
  fireEvent.click(screen.getByRole("button", { name: "Ada" }));
  expect(clicked).toHaveBeenCalledExactlyOnceWith(BOX);
});

it("says so where there is no picture, and comes back with the next", () => {
  const { rerender } = render(<FramePicture src="/gone.jpg" alt="Frame" />);
  fireEvent.error(screen.getByAltText("Frame"));
  expect(screen.getByText("No picture")).toBeInTheDocument();
  rerender(<FramePicture src="/next.jpg" alt="Frame" />);
  fireEvent.load(screen.getByAltText("Frame"));
  expect(screen.queryByText("No picture")).not.toBeInTheDocument();
});
