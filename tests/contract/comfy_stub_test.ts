/** The ComfyUI client keeps its contract with the stub server. */
import { comfySuite } from "./comfy_suite.ts";
import { makeStubBench, stubControl } from "./stub_bench.ts";
import { StubComfy } from "./stub_comfy.ts";
import type { Control } from "./comfy_bench.ts";

const controls = Object.keys(stubControl(new StubComfy())).filter((name): name is keyof Control =>
  name !== ""
);

comfySuite({ label: "stub", make: makeStubBench, controls, setups: true });
