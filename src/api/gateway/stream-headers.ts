/** Of every answer that is a stream of server-sent events. */
export const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // nginx and its like would collect the stream into blocks.
  'x-accel-buffering': 'no',
  // When it ends, the connection goes with it: a server that stops waits for nobody.
  connection: 'close',
} as const;
