/** The words of the page of long takes in the language of this studio. */
export { takePage } from "./en/take_page.ts";
