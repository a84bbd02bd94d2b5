import { useMemo, useRef, type ReactNode } from "react";
import {
  closestCenter,
  DndContext,
  KeyboardSensor,
  MouseSensor,
  TouchSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import type { Active, Announcements, DragEndEvent, Over } from "@dnd-kit/core";
import { rectSortingStrategy, SortableContext, sortableKeyboardCoordinates } from "@dnd-kit/sortable";
import { useTranslation } from "react-i18next";

import type { CameraOut } from "@/client/types.gen";
import { cn } from "@/lib/utils";

import { columnsFor, GAP, moved } from "../lib/arrangement";
import { useRoom } from "../lib/use-room";
import { LiveTile } from "./live-tile";

interface Props {
  cameras: CameraOut[];
  /** 0: as many as fit. */
  columns: number;
  overlay: boolean;
  isFull: boolean;
  onOrder: (ids: string[]) => void;
  onRemove: (id: string) => void;
  /** Shown on the full screen only. */
  children?: ReactNode;
}

/** The wall: tiles that are ordered by dragging, with the mouse, a finger or the keyboard. */
export function LiveGrid({ cameras, columns, overlay, isFull, onOrder, onRemove }: Props) {
  const { t } = useTranslation("live");
  const list = useRef<HTMLUListElement>(null);
  const { width, height } = useRoom(list);
  const ids = useMemo(() => cameras.map(({ id }) => id), [cameras]);
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: 4 } }),
    useSensor(TouchSensor, { activationConstraint: { delay: 150, tolerance: 8 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const spoken = useAnnouncements(ids);

  function drop({ active, over }: DragEndEvent) {
    if (over && over.id !== active.id) onOrder(moved(ids, String(active.id), String(over.id)));
  }

  const shown = columns || columnsFor(ids.length, width, height - 16);
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      onDragEnd={drop}
      accessibility={{ announcements: spoken, screenReaderInstructions: { draggable: t("drag.hint") } }}
    >
      <SortableContext items={ids} strategy={rectSortingStrategy}>
        <ul
          ref={list}
          className={cn("grid content-start", isFull && "min-h-dvh content-center")}
          style={{ gridTemplateColumns: `repeat(${shown}, minmax(0, 1fr))`, gap: GAP }}
        >
          {cameras.map((camera) => (
            <LiveTile
              key={camera.id}
              camera={camera}
              overlay={overlay}
              onRemove={ids.length > 1 ? () => onRemove(camera.id) : undefined}
            />
          ))}
        </ul>
      </SortableContext>
    </DndContext>
  );
}

/** What a screen reader says while a tile is moved. */
function useAnnouncements(ids: string[]): Announcements {
  const { t } = useTranslation("live");
  const isFresh = useRef(false);
  return useMemo(() => {
    const place = (active: Active, at: Active | Over | null) => ({
      name: String(active.data.current?.name ?? ""),
      position: at ? ids.indexOf(String(at.id)) + 1 : 0,
      count: ids.length,
    });
    return {
      onDragStart: ({ active }) => {
        isFresh.current = true;
        return t("drag.lifted", place(active, active));
      },
      onDragOver: ({ active, over }) => {
        // What is lifted is over itself at once: that would be said instead of that it was lifted.
        const isLifting = isFresh.current && over?.id === active.id;
        isFresh.current = false;
        return over && !isLifting ? t("drag.over", place(active, over)) : undefined;
      },
      onDragEnd: ({ active, over }) => t(over ? "drag.dropped" : "drag.cancelled", place(active, over)),
      onDragCancel: ({ active }) => t("drag.cancelled", place(active, null)),
    };
  }, [ids, t]);
}
