/** What ComfyUI replies, as far as the studio reads it. Unknown fields pass: servers from 0.3.45 to 0.38 differ. */
import { z } from "zod";
import { RawMeta, RawOutputs } from "@/core/comfy/outputs.ts";
import { GraphNode, NodeDefinition } from "@/core/template.ts";

const Whole = z.number();

export const NodeError = z.looseObject({
  errors: z.array(z.looseObject({
    type: z.string(),
    message: z.string().catch(""),
    details: z.string().catch(""),
    extra_info: z.looseObject({ input_name: z.string().nullish() }).nullish(),
  })).catch([]),
  class_type: z.string().nullish(),
});
export type NodeError = z.infer<typeof NodeError>;

/** Some servers send `[]` where there is nothing. */
const NodeErrors = z.union([z.record(z.string(), NodeError), z.array(z.never()).transform(() => ({}))]);

export const PromptReply = z.looseObject({
  prompt_id: z.string(),
  number: Whole.nullish(),
  node_errors: NodeErrors.nullish(),
});

export const RejectReply = z.looseObject({
  error: z.union([
    z.string().transform((message) => ({ type: "", message, details: "", extra_info: null })),
    z.looseObject({
      type: z.string().catch(""),
      message: z.string().catch(""),
      details: z.string().catch(""),
      extra_info: z.looseObject({
        class_type: z.string().nullish(),
        node_id: z.string().nullish(),
        node_title: z.string().nullish(),
      }).nullish(),
    }),
  ]),
  node_errors: NodeErrors.nullish(),
});
export type RejectReply = z.infer<typeof RejectReply>;

/** `[event, data]` as history stores them. */
const StoredMessage = z.tuple([z.string(), z.looseObject({ timestamp: Whole.nullish() })]).rest(z.unknown());
export const RunStatus = z.looseObject({
  status_str: z.string().nullish(),
  completed: z.boolean().nullish(),
  messages: z.array(StoredMessage).nullish(),
});
export type RunStatus = z.infer<typeof RunStatus>;

const RunGraph = z.record(z.string(), z.looseObject(GraphNode.shape)).nullish().catch(null);
export type RunGraph = z.infer<typeof RunGraph>;

export const Job = z.looseObject({
  id: z.string(),
  status: z.string(),
  outputs: RawOutputs.nullish(),
  execution_status: RunStatus.nullish(),
  execution_error: z.looseObject({}).nullish(),
  workflow: z.looseObject({ prompt: RunGraph }).nullish(),
});
export type Job = z.infer<typeof Job>;
export const JobMissing = z.looseObject({ error: z.string() });

export const HistoryEntry = z.looseObject({
  prompt: z.tuple([z.unknown(), z.unknown(), RunGraph]).rest(z.unknown()).nullish().catch(null),
  outputs: RawOutputs.nullish(),
  status: RunStatus.nullish(),
  meta: RawMeta.nullish().catch(null),
});
export type HistoryEntry = z.infer<typeof HistoryEntry>;
export const History = z.record(z.string(), HistoryEntry);

/** `[number, prompt_id, …]`; the graphs that follow stay unread. */
const QueueItem = z.tuple([Whole, z.string()]).rest(z.unknown());
export const Queue = z.looseObject({
  queue_running: z.array(QueueItem),
  queue_pending: z.array(QueueItem),
});

export const CancelReply = z.looseObject({ cancelled: z.boolean() });

export const UploadReply = z.looseObject({
  name: z.string().min(1),
  subfolder: z.string().nullish(),
  type: z.string().nullish(),
});

export const Features = z.looseObject({ max_upload_size: z.number().nullish() });

export const SystemStats = z.looseObject({
  system: z.looseObject({
    comfyui_version: z.string().nullish(),
    ram_free: z.number().nullish(),
    argv: z.array(z.string()).nullish(),
  }),
  devices: z.array(z.looseObject({
    name: z.string().nullish(),
    type: z.string().nullish(),
    vram_total: z.number().nullish(),
    vram_free: z.number().nullish(),
  })).nullish(),
});
export type SystemStats = z.infer<typeof SystemStats>;

export const ObjectInfo = z.record(z.string(), NodeDefinition);

/** Data of an `execution_error`, over the socket or from history. */
export const ExecutionError = z.looseObject({
  node_id: z.string().nullish(),
  node_type: z.string().nullish(),
  exception_message: z.string().nullish(),
  exception_type: z.string().nullish(),
});
export type ExecutionError = z.infer<typeof ExecutionError>;

// ---------------------------------------------------------------------------------------------- WebSocket

export const Frame = z.looseObject({ type: z.string(), data: z.unknown().optional() });

const Shown = z.looseObject({
  value: Whole.catch(0),
  max: Whole.catch(0),
  state: z.string().nullish(),
  display_node_id: z.string().nullish(),
});

/** Data by message type; a type that is not here is ignored. */
export const FrameData = {
  status: z.looseObject({
    status: z.looseObject({ exec_info: z.looseObject({ queue_remaining: Whole }) }).nullish(),
    sid: z.string().nullish(),
  }),
  execution_start: z.looseObject({ prompt_id: z.string() }),
  execution_cached: z.looseObject({ prompt_id: z.string(), nodes: z.array(z.string()) }),
  executing: z.looseObject({
    prompt_id: z.string().nullish(),
    node: z.string().nullish(),
    display_node: z.string().nullish(),
  }),
  progress: z.looseObject({
    prompt_id: z.string().nullish(),
    node: z.string().nullish(),
    value: Whole,
    max: Whole,
  }),
  progress_state: z.looseObject({ prompt_id: z.string(), nodes: z.record(z.string(), Shown) }),
  executed: z.looseObject({
    prompt_id: z.string().nullish(),
    node: z.string().nullish(),
    display_node: z.string().nullish(),
  }),
  execution_success: z.looseObject({ prompt_id: z.string() }),
  execution_error: z.looseObject({ prompt_id: z.string(), exception_type: z.string().nullish() }),
  execution_interrupted: z.looseObject({ prompt_id: z.string() }),
} as const;

export const PreviewMeta = z.looseObject({
  prompt_id: z.string().nullish(),
  node_id: z.string().nullish(),
  display_node_id: z.string().nullish(),
  image_type: z.string().nullish(),
});
