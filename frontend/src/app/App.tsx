import { Suspense, useState } from "react";
import { RouterProvider } from "react-router";

import { Providers } from "@/app/providers";
import { makeRouter } from "@/app/router";
import { RouteSkeleton } from "@/components/route-skeleton";

export function App() {
  const [router] = useState(makeRouter);
  return (
    <Providers>
      <Suspense fallback={<RouteSkeleton />}>
        <RouterProvider router={router} />
      </Suspense>
    </Providers>
  );
}
