export interface RefusedFile {
  name: string;
  reason: "tooLarge" | "wrongKind" | "isEmpty";
}

interface Rules {
  /** As an input's accept: kinds ("image/*"), endings (".zip"), separated by commas. */
  accept?: string;
  maxBytes?: number;
}

function isAccepted(file: File, accept: string): boolean {
  const [kind, name] = [file.type.toLowerCase(), file.name.toLowerCase()];
  return accept
    .toLowerCase()
    .split(",")
    .map((one) => one.trim())
    .some((one) => {
      if (one.startsWith(".")) return name.endsWith(one);
      return one.endsWith("/*") ? kind.startsWith(one.slice(0, -1)) : kind === one;
    });
}

/** What may be sent, and why the others may not. Dropped files pass by the input's own check. */
export function sortFiles(files: File[], { accept, maxBytes }: Rules): { taken: File[]; refused: RefusedFile[] } {
  const taken: File[] = [];
  const refused: RefusedFile[] = [];
  for (const file of files) {
    if (accept && !isAccepted(file, accept)) refused.push({ name: file.name, reason: "wrongKind" });
    else if (file.size === 0) refused.push({ name: file.name, reason: "isEmpty" });
    else if (maxBytes && file.size > maxBytes) refused.push({ name: file.name, reason: "tooLarge" });
    else taken.push(file);
  }
  return { taken, refused };
}
