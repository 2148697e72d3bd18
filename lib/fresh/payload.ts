/** What server and browser agree on: names of markers, and the shape of the data block of a page with islands. */

/** Id of the data block. */
export const PAYLOAD_ID = "__FRSH";
/** Comments around the markup of an island: `frsh:island:NAME:INDEX:KEY` to `/frsh:island`. */
export const ISLAND = "frsh:island";
/** Comments around what an island got as children or as markup in a prop: `frsh:slot:ID` to `/frsh:slot`. */
export const SLOT = "frsh:slot";
/** A slot that the island has not rendered yet waits in a template of this id with its number behind. */
export const TEMPLATE_ID = "frsh-slot-";
/** Performance mark of the moment when all islands of a page are live. */
export const HYDRATED = "fresh:live";
/** Query parameter that locks an address to a build. */
export const LOCK = "__frsh_c";
/** Where the files of the build are served. */
export const BUILD_PATH = "/_fresh/js/";

export interface Payload {
  /** Build id. */
  b: string;
  /** Islands of the page: name, address, export. */
  i: [name: string, url: string, exported: string][];
  /** The props of every island in order, as devalue writes them. */
  p: string;
  /** What `Kept` in them stands for, by number. */
  c: string[];
}
