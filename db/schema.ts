/** Every table that code reads or writes. The domain tables get their types with the code that fills them. */
import type { ProductTables } from "./schema_product.ts";
import type { RuntimeTables } from "./schema_runtime.ts";

export type * from "./schema_product.ts";
export type * from "./schema_runtime.ts";

export interface Schema extends RuntimeTables, ProductTables {
  migration: { name: string };
}
