/** Why somebody looks at people: stated once per tab, sent with requests that show people, on record at the server. */

const KEY = "sightline.purpose";
type Asker = () => Promise<string | null>;

let asker: Asker | null = null;
let asking: Promise<string | null> | null = null;

export function currentPurpose(): string | null {
  return sessionStorage.getItem(KEY);
}

export function setPurpose(purpose: string | null): void {
  if (purpose) sessionStorage.setItem(KEY, purpose);
  else sessionStorage.removeItem(KEY);
}

/** The dialog that asks; it is one for the whole application. */
export function installAsker(ask: Asker): () => void {
  asker = ask;
  return () => {
    if (asker === ask) asker = null;
  };
}

/** Ask once, however many requests need it. Null: the user does not say. */
export async function askForPurpose(): Promise<string | null> {
  if (!asker) return null;
  asking ??= asker().finally(() => (asking = null));
  const purpose = await asking;
  if (purpose) setPurpose(purpose);
  return purpose;
}

/** Percent-encoded where it holds more than ASCII: header values are bytes. */
export function purposeHeader(purpose: string): string {
  return /^[\x20-\x7e]*$/.test(purpose) ? purpose : encodeURIComponent(purpose);
}
