import type { ComboboxOption } from "@/components/combobox";
import { i18n } from "@/lib/i18n";

/** Of the IANA database, as this browser knows it. */
export const TIME_ZONES: ComboboxOption[] = [
  "UTC",
  ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC"),
].map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));

const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
/** Codes with a name that are no country. */
const NONE = new Set(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]);

/** ISO 3166-1 by their names in the user's language. Whose holidays are known the server says. */
export function countries(): ComboboxOption[] {
  const names = new Intl.DisplayNames(i18n.language, { type: "region", fallback: "none" });
  const codes = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));
  return codes
    .flatMap((code) => {
      const label = NONE.has(code) ? undefined : names.of(code);
      return label ? [{ value: code, label, description: code }] : [];
    })
    .toSorted((one, other) => one.label.localeCompare(other.label, i18n.language));
}
