/** The one error that carries an HTTP status through the layer. */

const SENTENCES: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  410: "Gone",
  413: "Content Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** Throw it from a handler, a middleware or a component; the nearest error page answers with its status. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message?: string, options?: ErrorOptions) {
    super(message ?? SENTENCES[status] ?? `Status ${status}`, options);
    this.name = "HttpError";
    this.status = status;
  }
}
