/** Where to go after signing in: only to a page of this studio, whatever the address asks for. */

export const HOME = "/dashboard";

/** Pages that make no sense as the next one. */
const NOT_NEXT = /^\/(login|logout|register|api)(?=[/?#]|$)/;

/** A path of this site, or the dashboard. Browsers drop control characters and read `\` as `/`, so neither may be in it. */
export function safeNext(wanted: string | null | undefined): string {
  if (!wanted || wanted.length > 2000) return HOME;
  // deno-lint-ignore no-control-regex
  const isPath = /^\/(?!\/)[^\\\u0000-\u0020\u007f]*$/.test(wanted);
  return isPath && !NOT_NEXT.test(wanted) ? wanted : HOME;
}
