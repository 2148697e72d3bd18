/** Checks one literal input: conversion, bounds, membership in a list. */
import { comboOptions, type InputSpec } from "./inputs.ts";
import { equals, isRecord, type Json, PythonError, repr, toBool, toFloat, toInt, toStr } from "./python.ts";

/** One error in ComfyUI's shape. */
export interface Finding {
  type: string;
  message: string;
  details: string;
  extra_info: Json;
}

/** The largest seed, which the definitions hold as the double next to it. */
const SEED_MAX = 2n ** 64n - 1n;

/** Lists longer than this are counted instead of shown. */
const SHOWN_MAX = 20;

/** ComfyUI's `(type, options)` pair. */
export function describeConfig(spec: InputSpec): [string | unknown[], Json] {
  return [spec.type, spec.config];
}

/** Null when the value is fine; the converted value is then in `inputs`. */
export function checkValue(
  spec: InputSpec,
  inputs: Json,
  options: { skipBounds: boolean; skipList: boolean },
): Finding | null {
  const raw = inputs[spec.name];
  const value = isRecord(raw) && "__value__" in raw ? raw.__value__ : raw;
  inputs[spec.name] = value;
  try {
    inputs[spec.name] = convert(spec.type, value);
  } catch (problem) {
    if (!(problem instanceof PythonError)) throw problem;
    return {
      type: "invalid_input_type",
      message: `Failed to convert an input value to a ${String(spec.type)} value`,
      details: `${spec.name}, ${toStr(value)}, ${problem.message}`,
      extra_info: { ...describe(spec, value), exception_message: problem.message },
    };
  }
  const bounds = options.skipBounds ? null : checkBounds(spec, inputs[spec.name]);
  if (bounds !== null) return bounds;
  return options.skipList ? null : checkList(spec, inputs[spec.name]);
}

function convert(type: string | unknown[], value: unknown): unknown {
  if (type === "INT") return toInt(value);
  if (type === "FLOAT") return toFloat(value);
  if (type === "STRING") return toStr(value);
  if (type === "BOOLEAN") return toBool(value);
  return value;
}

function describe(spec: InputSpec, value: unknown): Json {
  return { input_name: spec.name, input_config: describeConfig(spec), received_value: value };
}

function checkBounds(spec: InputSpec, value: unknown): Finding | null {
  if (typeof value !== "number" && typeof value !== "bigint") return null;
  const { min } = spec.config;
  const max = spec.config.max === 2 ** 64 ? SEED_MAX : spec.config.max;
  if (typeof min === "number" && value < min) {
    return {
      type: "value_smaller_than_min",
      message: `Value ${asText(spec, value)} smaller than min of ${asText(spec, min)}`,
      details: spec.name,
      extra_info: describe(spec, value),
    };
  }
  if ((typeof max === "number" || typeof max === "bigint") && value > max) {
    return {
      type: "value_bigger_than_max",
      message: `Value ${asText(spec, value)} bigger than max of ${asText(spec, max)}`,
      details: spec.name,
      extra_info: describe(spec, value),
    };
  }
  return null;
}

/** Python writes a whole float with its point. */
function asText(spec: InputSpec, value: number | bigint): string {
  return spec.type === "FLOAT" && Number.isInteger(value) ? `${value}.0` : String(value);
}

function checkList(spec: InputSpec, value: unknown): Finding | null {
  const options = comboOptions(spec);
  if (options === null) return null;
  const values = spec.config.multiselect === true && Array.isArray(value) ? value : [value];
  const strange = values.filter((item) => !options.some((option) => equals(option, item)));
  if (strange.length === 0) return null;
  const isLong = options.length > SHOWN_MAX;
  const list = isLong ? `(list of length ${options.length})` : repr(options);
  return {
    type: "value_not_in_list",
    message: "Value not in list",
    details: `${spec.name}: ${strange.map(repr).join(", ")} not in ${list}`,
    extra_info: { ...describe(spec, value), input_config: isLong ? null : describeConfig(spec) },
  };
}
