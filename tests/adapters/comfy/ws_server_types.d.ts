/** The part of the `ws` package's server that the socket test uses. */
interface Peer {
  on(event: "ping", hear: () => void): void;
  on(event: "message", hear: (data: { toString(): string }) => void): void;
  send(data: string): void;
}
export class WebSocketServer {
  constructor(options: { port: number; host: string; autoPong: boolean });
  on(event: "listening", hear: () => void): void;
  on(event: "connection", hear: (socket: Peer, request: { url?: string }) => void): void;
  address(): { port: number };
  close(done: () => void): void;
}
