/** Templates: checked when they are loaded, bound when a step runs. */
export {
  bind,
  type BindInput,
  bindStep,
  type Bound,
  type BoundOutput,
  type Choice,
  formOf,
  graphOf,
  nameRef,
} from "./bind.ts";
export { classesOf, familyOf, folderOf, modelFiles, type ModelUse, nameModels, nameThere } from "./models.ts";
export { type Bring, leastValues, valueFor } from "./sample.ts";
export { listSupplies, type Supply } from "./supplies.ts";
export { checkTemplate, type TemplateParts } from "./validate.ts";
