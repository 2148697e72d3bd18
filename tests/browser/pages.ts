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
  /** Without islands, it still keeps itself up to date by the one small script for that. */
  isLive?: true;
}

const JOBS = ["animate", "audio", "failed", "cancelled", "running", "waiting"] as const;

export const PAGES: ShownPage[] = [
  { name: "front", route: "/", path: "/", viewers: ["stranger", "creator"] },
  { name: "login", route: "/login", path: "/login", viewers: ["stranger"] },
  { name: "register", route: "/register", path: "/register", viewers: ["stranger"] },
  {
    name: "new-password",
    route: "/new-password",
    path: "/new-password?token=ended",
    viewers: ["stranger"],
    status: 403,
  },
  // The operator has no films: theirs are the pages as they are in the beginning.
  { name: "dashboard", route: "/dashboard", path: "/dashboard", viewers: ["creator", "operator"] },
  {
    name: "dashboard-again",
    route: "/dashboard",
    path: ({ jobs }) => `/dashboard?from=${jobs.animate}`,
    viewers: ["creator"],
  },
  { name: "new", route: "/jobs/new", path: "/jobs/new", viewers: ["creator"] },
  { name: "takes", route: "/takes/new", path: "/takes/new", viewers: ["creator", "operator"] },
  { name: "queue", route: "/queue", path: "/queue", viewers: ["creator", "operator"] },
  ...JOBS.map((job): ShownPage => ({
    name: `job-${job}`,
    route: "/jobs/:id",
    path: ({ jobs }) => `/jobs/${jobs[job]}`,
    viewers: ["creator"],
  })),
  {
    name: "compare",
    route: "/jobs/:id/compare",
    path: ({ jobs }) => `/jobs/${jobs.animate}/compare`,
    viewers: ["creator"],
  },
  {
    name: "batch",
    route: "/batches/:id",
    path: ({ batch }) => `/batches/${batch}?rejects=1`,
    viewers: ["creator"],
  },
  { name: "library", route: "/library", path: "/library", viewers: ["creator", "operator"] },
  { name: "library-files", route: "/library", path: "/library?show=files", viewers: ["creator", "operator"] },
  {
    name: "library-trash",
    route: "/library",
    path: "/library?show=trash&all=1",
    viewers: ["creator", "operator"],
  },
  { name: "library-all-picked", route: "/library", path: "/library?state=any&all=1", viewers: ["creator"] },
  {
    name: "library-no-match",
    route: "/library",
    path: "/library?search=zebra&mode=audio",
    viewers: ["creator"],
  },
  { name: "file", route: "/library/:id", path: ({ cast }) => `/library/${cast.drive}`, viewers: ["creator"] },
  { name: "projects", route: "/projects", path: "/projects", viewers: ["creator", "operator"] },
  {
    name: "project",
    route: "/projects/:id",
    path: ({ project }) => `/projects/${project}`,
    viewers: ["creator"],
  },
  {
    name: "compare",
    route: "/jobs/:id/compare",
    path: ({ jobs }) => `/jobs/${jobs.animate}/compare`,
    viewers: ["creator"],
  },
  { name: "shelf", route: "/shelf", path: "/shelf", viewers: ["creator", "operator"] },
  {
    name: "share",
    route: "/jobs/:id/share",
    path: ({ jobs }) => `/jobs/${jobs.animate}/share`,
    viewers: ["creator"],
  },
  { name: "shared", route: "/s/:token", path: ({ links }) => links.open, viewers: ["stranger"] },
  {
    name: "shared-ended",
    route: "/s/:token",
    path: ({ links }) => links.revoked,
    viewers: ["stranger"],
    status: 410,
  },
  { name: "settings", route: "/settings", path: "/settings", viewers: ["creator"] },
  {
    name: "settings-defaults",
    route: "/settings/defaults",
    path: "/settings/defaults",
    viewers: ["creator"],
  },
  {
    name: "settings-sessions",
    route: "/settings/sessions",
    path: "/settings/sessions",
    viewers: ["creator"],
  },
  {
    name: "settings-connections",
    route: "/settings/connections",
    path: "/settings/connections",
    viewers: ["creator"],
  },
  { name: "settings-tokens", route: "/settings/tokens", path: "/settings/tokens", viewers: ["creator"] },
  {
    name: "settings-webhooks",
    route: "/settings/webhooks",
    path: "/settings/webhooks",
    viewers: ["creator"],
  },
  {
    name: "settings-webhook",
    route: "/settings/webhooks/:id",
    path: ({ webhook }) => `/settings/webhooks/${webhook}`,
    viewers: ["creator"],
  },
  { name: "settings-data", route: "/settings/data", path: "/settings/data", viewers: ["creator"] },
  { name: "queue", route: "/queue", path: "/queue", viewers: ["creator", "operator"] },
  {
    name: "queue-edit",
    route: "/queue/:id",
    path: ({ jobs }) => `/queue/${jobs.running}`,
    viewers: ["creator"],
  },
  { name: "admin", route: "/admin", path: "/admin", viewers: ["operator"], isLive: true },
  {
    name: "admin-server-new",
    route: "/admin/servers/new",
    path: "/admin/servers/new",
    viewers: ["operator"],
  },
  { name: "admin-failed", route: "/admin/failed", path: "/admin/failed", viewers: ["operator"] },
  { name: "admin-server", route: "/admin/servers/:id", path: "/admin/servers/draft", viewers: ["operator"] },
  {
    name: "admin-queue",
    route: "/admin/queue",
    path: "/admin/queue?name=running",
    viewers: ["operator"],
    isLive: true,
  },
  {
    name: "admin-queue-edit",
    route: "/admin/queue/:id",
    path: ({ jobs }) => `/admin/queue/${jobs.running}`,
    viewers: ["operator"],
  },
  {
    name: "admin-actor",
    route: "/admin/actors/:id",
    path: ({ jobs }) => `/admin/actors/${jobs.animate}`,
    viewers: ["operator"],
  },
  {
    name: "admin-logs",
    route: "/admin/logs",
    path: ({ jobs }) => `/admin/logs?id=${jobs.animate}`,
    viewers: ["operator"],
  },
  { name: "admin-settings", route: "/admin/settings", path: "/admin/settings", viewers: ["operator"] },
  { name: "admin-letters", route: "/admin/letters", path: "/admin/letters", viewers: ["operator"] },
  { name: "admin-storage", route: "/admin/storage", path: "/admin/storage", viewers: ["operator"] },
  { name: "admin-actors", route: "/admin/actors", path: "/admin/actors", viewers: ["operator"] },
  { name: "admin-templates", route: "/admin/templates", path: "/admin/templates", viewers: ["operator"] },
  { name: "admin-refused", route: null, path: "/admin", viewers: ["creator"], status: 403 },
  { name: "admin-people", route: "/admin/people", path: "/admin/people", viewers: ["operator"] },
  { name: "admin-webhooks", route: "/admin/webhooks", path: "/admin/webhooks", viewers: ["operator"] },
  {
    name: "admin-webhook",
    route: "/admin/webhooks/:id",
    path: ({ webhook }) => `/admin/webhooks/${webhook}`,
    viewers: ["operator"],
  },
  { name: "admin-audit", route: "/admin/audit", path: "/admin/audit", viewers: ["operator"] },
  { name: "missing", route: null, path: "/nothing/here", viewers: ["stranger"], status: 404 },
];

export function pathOf({ path }: ShownPage, demo: Demo): string {
  return typeof path === "string" ? path : path(demo);
}
