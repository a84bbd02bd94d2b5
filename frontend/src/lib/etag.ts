/** A record as it was read, with what an update of it needs (If-Match). */
export interface Tagged<T> {
  data: T;
  etag: string;
}

/** Keep the ETag of a generated client's call: `readWithEtag(getCamera({ path: { camera_id } }))`. */
export async function readWithEtag<T>(call: Promise<{ data: T; response: Response }>): Promise<Tagged<T>> {
  const { data, response } = await call;
  return { data, etag: response.headers.get("ETag") ?? "*" };
}

export function ifMatch(etag: string): { "if-match": string } {
  return { "if-match": etag };
}
