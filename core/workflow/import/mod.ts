/** Bringing graphs of one's own: read, find what they take in, propose a template, compare, take apart. */
export { type Change, diffGraphs, diffTemplates } from "./diff.ts";
export { bring, type Brought, type Known, type Proposal, propose, type Row, unknownIn } from "./proposal.ts";
export { EDITOR_FORMAT, GRAPH_BYTES_MAX, nameFor, readExport } from "./read.ts";
export { type Part, splitMaster } from "./split.ts";
