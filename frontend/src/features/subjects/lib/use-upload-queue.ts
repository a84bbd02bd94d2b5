import { useRef, useState } from "react";

import type { SubjectImageOut } from "@/client/types.gen";
import { newKey } from "@/lib/idempotency";

import { useUploadImage } from "../api/use-upload-image";
import { refusalOf, type Refusal } from "./refusal";

export interface Upload {
  id: string;
  file: File;
  state: "waiting" | "sending" | "done" | "refused";
  image?: SubjectImageOut;
  refusal?: Refusal;
}

/** Pictures one after the other: each is judged by itself, and one that is refused holds up none. */
export function useUploadQueue(subjectId: string) {
  const { mutateAsync } = useUploadImage(subjectId);
  const [uploads, setUploads] = useState<Upload[]>([]);
  const last = useRef<Promise<void>>(Promise.resolve());

  const change = (id: string, news: Partial<Upload>) =>
    setUploads((all) => all.map((one) => (one.id === id ? { ...one, ...news } : one)));

  async function send(id: string, file: File, isAllowed: boolean) {
    change(id, { state: "sending", refusal: undefined });
    try {
      change(id, { state: "done", image: await mutateAsync({ file, isAllowed }) });
    } catch (error) {
      change(id, { state: "refused", refusal: refusalOf(error) });
    }
  }

  function line(id: string, file: File, isAllowed = false) {
    last.current = last.current.then(() => send(id, file, isAllowed));
  }

  function add(files: File[]) {
    const added = files.map((file): Upload => ({ id: newKey(), file, state: "waiting" }));
    setUploads((all) => [...all, ...added]);
    for (const { id, file } of added) line(id, file);
  }

  return {
    uploads,
    add,
    /** Once more; isAllowed: although it looks like somebody else. */
    again: ({ id, file }: Upload, isAllowed: boolean) => line(id, file, isAllowed),
    drop: (id: string) => setUploads((all) => all.filter((one) => one.id !== id)),
  };
}
