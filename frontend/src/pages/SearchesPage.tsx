import { SearchesView } from "@/features/sightings/components/searches-view";

export function Component() {
  return <SearchesView />;
}
