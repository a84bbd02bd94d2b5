interface Named {
  label: string;
  description?: string;
}

/** Without accents and capitals: "Zürich" is found by "zur". */
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Those whose name or description holds every word that was typed; all where nothing was. */
export function fitting<T extends Named>(options: T[], typed: string): T[] {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  if (words.length === 0) return options;
  return options.filter(({ label, description = "" }) => {
    const text = plain(`${label} ${description}`);
    return words.every((word) => text.includes(word));
  });
}
