/** The part of the `ws` package that the ComfyUI socket uses; its published types would replace Deno's own for Node. */
export default class WebSocket {
  static readonly OPEN: 1;
  readonly readyState: number;
  constructor(address: string, options: {
    headers?: Record<string, string>;
    handshakeTimeout?: number;
    perMessageDeflate?: boolean;
    maxPayload?: number;
  });
  on(event: "open" | "close" | "pong", hear: () => void): this;
  on(event: "message", hear: (data: Uint8Array | ArrayBuffer | Uint8Array[], binary: boolean) => void): this;
  on(event: "error", hear: (error: Error) => void): this;
  send(data: string): void;
  ping(): void;
  close(code?: number): void;
  terminate(): void;
}
