/** The door to stored files. */
export { type LocalStorage, type LocalStorageOptions, openLocalStorage } from "./local.ts";
