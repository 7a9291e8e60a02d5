import { createRequire } from 'node:module';
import { decodeFetch, type DecodeOthers, type FetchResponse } from './decode-fetch.js';
import { encodeFetch, type Fetch } from './encode-fetch.js';
import { encodeProduce, type Produce } from './encode-produce.js';

/**
 * kafkajs spends most of its time in its encoder and decoder (a growing buffer for every record and every header, a BigInt for every
 * length), and lets every idle connection wake up each millisecond. These parts of one version of it are replaced here, in place, by ours:
 * the same bytes and the same values. Any other version is left as it is.
 */
const TUNED_VERSION = '2.2.4';

let outcome: Tuning | undefined;

/** `tuned`, or why kafkajs is left as it is. */
export type Tuning = { readonly tuned: true } | { readonly tuned: false; readonly reason: string };

/** Once for the process, at any time: clients that are open already gain, too. */
export function tuneKafkajs(): Tuning {
  return (outcome ??= tune());
}

const internals = createRequire(import.meta.url);

/** Whether that version of kafkajs is the one whose parts are replaced here. */
export function tuningOf(version: string): Tuning {
  if (version === TUNED_VERSION) return { tuned: true };
  return { tuned: false, reason: `kafkajs is ${version}, and only ${TUNED_VERSION} is known well enough to be tuned` };
}

function tune(): Tuning {
  const { version } = internals('kafkajs/package.json') as { readonly version: string };
  const tuning = tuningOf(version);
  if (!tuning.tuned) return tuning;
  encodeFaster(internals('kafkajs/src/protocol/requests/produce') as Requests<ProduceCall>);
  fetchLightly(internals('kafkajs/src/protocol/requests/fetch') as Requests<FetchCall>);
  sleepWhenIdle(internals('kafkajs/src/network/requestQueue') as { readonly prototype: RequestQueue });
  return tuning;
}

type Requests<Call> = { protocol: (of: { readonly version: number }) => Call };
type ProduceArguments = Produce & {
  readonly transactionalId?: string | null;
  readonly producerId?: number;
  readonly compression?: number;
};
type ProduceCall = (args: ProduceArguments) => {
  readonly request: { encode: () => Promise<object> };
  readonly response: object;
};
type FetchCall = (args: Fetch) => {
  readonly request: { encode: () => Promise<object> };
  response: { readonly decode: (bytes: Buffer) => Promise<FetchResponse>; readonly parse: unknown };
};

const FIRST_WITH_RECORD_BATCHES = 3;

function encodeFaster(requests: Requests<ProduceCall>): void {
  const protocol = requests.protocol.bind(requests);
  requests.protocol = ({ version }) => {
    const call = protocol({ version });
    if (version < FIRST_WITH_RECORD_BATCHES) return call;
    return (args) => {
      const made = call(args);
      const isPlain = !args.transactionalId && !args.compression && (args.producerId ?? -1) === -1;
      if (isPlain) made.request.encode = () => Promise.resolve(asEncoder(encodeProduce(args, Date.now())));
      return made;
    };
  };
}

/** What the caller takes over of kafkajs's encoder. */
function asEncoder(bytes: Buffer): object {
  return { buf: bytes, buffer: bytes };
}

const FETCH_VERSION = 11;

function fetchLightly(requests: Requests<FetchCall>): void {
  const protocol = requests.protocol.bind(requests);
  const Decoder = internals('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
  const decodeMessages = internals('kafkajs/src/protocol/requests/fetch/v4/decodeMessages') as (
    decoder: object,
  ) => ReturnType<DecodeOthers>;
  const decodeOthers: DecodeOthers = (bytes) => {
    const size = Buffer.alloc(4);
    size.writeInt32BE(bytes.length);
    return decodeMessages(new Decoder(Buffer.concat([size, bytes])));
  };
  requests.protocol = ({ version }) => {
    const call = protocol({ version });
    if (version !== FETCH_VERSION) return call;
    return (args) => {
      const made = call(args);
      const { parse } = made.response;
      made.request.encode = () => Promise.resolve(asEncoder(encodeFetch(args)));
      return { ...made, response: { parse, decode: (bytes) => decodeFetch(bytes, decodeOthers) } };
    };
  };
}

type RequestQueue = {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
};

const CHECK_INTERVAL_MS = 10;

/** A look at the requests that wait, where there are any; kafkajs looks each millisecond, for ever. */
function sleepWhenIdle(queue: { readonly prototype: RequestQueue }): void {
  queue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
    const throttledForMs = this.throttledUntil - Date.now();
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      throttledForMs > 0 ? throttledForMs : CHECK_INTERVAL_MS,
    );
  };
}
