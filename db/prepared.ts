/** Queries of Kysely that are built and compiled once: building one takes longer than a short query runs. */
import { type CompiledQuery, type Kysely, type RawBuilder, sql } from "kysely";
import type { Schema } from "./schema.ts";
import type { Bind } from "./statements.ts";

/** Stands in a query where each call's own value goes. */
class Place {
  constructor(readonly name: string) {}
}

export interface Places {
  /** Texts are what most places hold; a place of another type says so. */
  <Value = string>(name: string): Value;
  /** For `in`: every element of a list, which is bound as one JSON text. */
  each(name: string): RawBuilder<string>;
}

export type Values = Record<string, Bind | readonly string[]>;

const place: Places = Object.assign(
  // What Kysely takes for a value is bound as it is, so the place itself comes out among the parameters.
  <Value>(name: string) => new Place(name) as Value,
  { each: (name: string) => sql<string>`(select value from json_each(${new Place(name)}))` },
);

type Built<Row> = { compile(): CompiledQuery<Row> };

/** `build` is called once, with places instead of values; limits in it are numbers. */
export function prepared<Row>(
  build: (on: Kysely<Schema>, at: Places) => Built<Row>,
): (on: Kysely<Schema>, values: Values) => Promise<Row[]> {
  const forms = preparedForms<null, Row>(() => "", (on, at) => build(on, at));
  return async (on, values) => await forms(on, null, values);
}

/** As `prepared`, for a query of several forms: built once for each `key` of a form. */
export function preparedForms<Form, Row>(
  keyOf: (form: Form) => string,
  build: (on: Kysely<Schema>, at: Places, form: Form) => Built<Row>,
): (on: Kysely<Schema>, form: Form, values: Values) => Promise<Row[]> {
  const known = new Map<string, CompiledQuery<Row>>();
  return async (on, form, values) => {
    const key = keyOf(form);
    let query = known.get(key);
    if (query === undefined) {
      if (known.size >= FORMS_MAX) known.clear();
      known.set(key, query = build(on, place, form).compile());
    }
    return (await on.executeQuery(fill(query, values))).rows;
  };
}

const FORMS_MAX = 200;

function fill<Row>(query: CompiledQuery<Row>, values: Values): CompiledQuery<Row> {
  const parameters = query.parameters.map((parameter) => {
    if (!(parameter instanceof Place)) return parameter;
    const value = values[parameter.name];
    if (value === undefined) throw new Error(`A query lacks its value "${parameter.name}"`);
    return Array.isArray(value) ? JSON.stringify(value) : value;
  });
  return { ...query, parameters };
}
