import { useMutation, useQuery } from "@tanstack/react-query";

import { listSubjectImagesOptions } from "@/client/@tanstack/react-query.gen";
import { deleteSubjectImage } from "@/client/sdk.gen";

import { useSubjectChanged } from "./use-subject-changed";

const LINKS_LIVE_MS = 4 * 60_000;

export function useSubjectImages(subjectId: string) {
  return useQuery({ ...listSubjectImagesOptions({ path: { subject_id: subjectId } }), staleTime: LINKS_LIVE_MS });
}

export function useDeleteImage(subjectId: string) {
  const onSettled = useSubjectChanged();
  return useMutation({
    mutationFn: (imageId: string) => deleteSubjectImage({ path: { subject_id: subjectId, image_id: imageId } }),
    onSettled,
  });
}
