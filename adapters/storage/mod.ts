/** The door to stored files. */
export {
  hashFile,
  listFiles,
  type LocalStorage,
  type LocalStorageOptions,
  openLocalStorage,
} from "./local.ts";
