export { PolygonEditor } from "./polygon-editor/polygon-editor";
export type { Polygon } from "./polygon-editor/polygons";
