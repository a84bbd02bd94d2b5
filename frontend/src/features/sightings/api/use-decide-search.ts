import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { approveSearch, denySearch } from "@/client/sdk.gen";
import { invalidate } from "@/lib/query";
import { toast, toastError } from "@/lib/toast";

interface Given {
  searchId: string;
  approved: boolean;
  note: string;
}

/** The second person's word. */
export function useDecideSearch() {
  const { t } = useTranslation("sightings");
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ searchId, approved, note }: Given) => {
      const options = { path: { search_id: searchId }, body: { note } };
      return (await (approved ? approveSearch(options) : denySearch(options))).data;
    },
    onSuccess: (_, { approved }) => toast.success(t(approved ? "searches.toldApproved" : "searches.toldDenied")),
    onError: toastError,
    onSettled: () => invalidate(client, "listSearches", "getSearch"),
  });
}
