import { useEffect } from "react";
import { useQuery } from "@tanstack/react-query";

import { getSystemInformationOptions } from "@/client/@tanstack/react-query.gen";

/** How busy the machine is; read again with each minute that the dashboard's numbers begin. */
export function useSystemLoad(minute: string | undefined) {
  const query = useQuery(getSystemInformationOptions());
  const { refetch } = query;
  useEffect(() => {
    if (minute) void refetch();
  }, [minute, refetch]);
  return query;
}
