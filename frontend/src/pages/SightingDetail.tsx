import { SightingPage } from "@/features/sightings/components/sighting-page";

export function Component() {
  return <SightingPage />;
}
