/** Where the studio keeps what: the folders and files that the configuration names, as full paths. */
import { resolve } from "node:path";
import type { Config } from "@/core/config.ts";
import { fail } from "@/core/problem.ts";

export interface Places {
  /** Uploads and results, named by their content; with a bucket, copies of some of them. */
  root: string;
  /** Work in progress. */
  scratchRoot: string;
  database: string;
  keys: string;
  /** Templates of one's own. */
  templates: string;
}

/** Full paths, because media programs and the draft renderer's process take relative ones to begin elsewhere. */
export function withFullPaths(config: Config): Config {
  const full = { ...config, DATA_DIR: resolve(config.DATA_DIR) };
  for (
    const name of ["ASSET_STORAGE_ROOT", "OUTPUT_STORAGE_ROOT", "JOB_FILES_DIR", "TEMPLATES_DIR"] as const
  ) {
    if (full[name] !== "") full[name] = resolve(full[name]);
  }
  return full;
}

/** Throws studio.config for places that this version has no way to reach. */
export function placesOf(config: Config): Places {
  const { DATA_DIR: home, DATABASE_URL: url } = config;
  if (url !== "" && !url.startsWith("sqlite:")) {
    throw fail("studio.config", { operator: "DATABASE_URL must be empty or sqlite:PATH in this version" });
  }
  return {
    root: config.STORAGE_URL === ""
      ? config.ASSET_STORAGE_ROOT || config.OUTPUT_STORAGE_ROOT || `${home}/files`
      : `${home}/cache`,
    scratchRoot: config.JOB_FILES_DIR || `${home}/work`,
    database: url === "" ? `${home}/studio.db` : url.slice("sqlite:".length),
    keys: `${home}/keys.json`,
    templates: ownFolder(config),
  };
}

export function ownFolder(config: Pick<Config, "TEMPLATES_DIR" | "DATA_DIR">): string {
  return config.TEMPLATES_DIR || `${config.DATA_DIR}/templates`;
}
