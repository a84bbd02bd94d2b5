/** Which build of the interface this page is, told by the name of its script: that holds a checksum of all the others. */

const SCRIPT = "script[type=module][src]";

function scriptOf(page: Document): string | null {
  return page.querySelector(SCRIPT)?.getAttribute("src") ?? null;
}

/** Whether the server has another build by now. False where it does not say.
 *
 * Raises TypeError while the server is away.
 */
export async function isOtherBuild(own: Document = document): Promise<boolean> {
  const answer = await fetch("/", { cache: "no-store", credentials: "same-origin" });
  if (!answer.ok) return false;
  const served = scriptOf(new DOMParser().parseFromString(await answer.text(), "text/html"));
  const mine = scriptOf(own);
  return served !== null && mine !== null && served !== mine;
}
