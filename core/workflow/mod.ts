/** Templates: checked when they are loaded, bound when a step runs. */
export {
  bind,
  type BindInput,
  bindStep,
  type Bound,
  type BoundOutput,
  type Choice,
  formOf,
  nameRef,
  stageOf,
} from "./bind.ts";
export { type Lacks, lacksOf } from "./lacks.ts";
export { classesOf, familyOf, findLack, modelFiles, type ModelUse } from "./models.ts";
export { listSupplies, type Supply } from "./supplies.ts";
export { checkTemplate, type TemplateParts } from "./validate.ts";
