/** x, y, width, height in px of the picture. */
export type Box = readonly [number, number, number, number];

/** So much of a face's size is left around it on each side: detectors want to see some of the head. */
const AROUND = 0.6;
const JPEG_QUALITY = 0.95;

/** The part of a picture in which one face stands in the middle, as far as the picture reaches. */
export function areaAround([x, y, width, height]: Box, picture: { width: number; height: number }): Box {
  const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value));
  const left = clamp(Math.floor(x - AROUND * width), picture.width);
  const top = clamp(Math.floor(y - AROUND * height), picture.height);
  const right = clamp(Math.ceil(x + (1 + AROUND) * width), picture.width);
  const bottom = clamp(Math.ceil(y + (1 + AROUND) * height), picture.height);
  return [left, top, right - left, bottom - top];
}

/** Width and height as they are seen: turned as the picture's own note about its orientation says. */
export async function sizeOf(file: Blob): Promise<{ width: number; height: number }> {
  const bitmap = await createImageBitmap(file);
  const { width, height } = bitmap;
  bitmap.close();
  return { width, height };
}

/** One face of a picture as a picture of its own, for a search that takes the largest face. */
export async function cropFace(file: Blob, box: Box): Promise<File> {
  const whole = await createImageBitmap(file);
  const [x, y, width, height] = areaAround(box, whole);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.drawImage(whole, x, y, width, height, 0, 0, width, height);
  whole.close();
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", JPEG_QUALITY));
  if (!blob) throw new Error("the picture could not be cut");
  return new File([blob], "face.jpg", { type: blob.type });
}
