/** Where browsers find the parts of the cutter. The folder names their versions, so that they may be kept for ever. */

export const CUTTER = "/cutter/0.12.15-0.12.10/";
