import { useAuth } from "@/hooks/use-auth";
import { useUrlState } from "@/hooks/use-url-state";

import { urlSchema } from "../lib/address";
import { FaceSearch } from "./face-search";
import { SightingsView } from "./sightings-view";

/** The list, or a search by face in its place. */
export function SightingsPage() {
  const canSearch = useAuth().hasPermission("search_by_face");
  const [{ search, like }, set] = useUrlState(urlSchema);
  if (!canSearch || (!search && !like)) return <SightingsView />;
  return <FaceSearch key={like} like={like} onClose={() => set({ search: undefined, like: undefined })} />;
}
