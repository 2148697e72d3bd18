/** Every page that people see, in one table: pictures are taken of it, and journeys check each page by it. Add yours here. */
import type { Demo } from "./demo.ts";

/** Who looks: somebody without an account, a creator, or the operator. */
export type Viewer = "stranger" | "creator" | "operator";

export interface ShownPage {
  /** Names its pictures. */
  name: string;
  /** Pattern of the route that answers, as files in `routes/` give it; null for a page that no route answers. */
  route: string | null;
  /** Where it is, perhaps with something of the demo data. */
  path: string | ((demo: Demo) => string);
  viewers: Viewer[];
  /** Status of the answer where it is not 200. */
  status?: number;
}

export const PAGES: ShownPage[] = [
  { name: "front", route: "/", path: "/", viewers: ["stranger", "creator"] },
  { name: "missing", route: null, path: "/nothing/here", viewers: ["stranger"], status: 404 },
];

export function pathOf({ path }: ShownPage, demo: Demo): string {
  return typeof path === "string" ? path : path(demo);
}
