import { SightingsPage } from "@/features/sightings/components/sightings-page";

export function Component() {
  return <SightingsPage />;
}
