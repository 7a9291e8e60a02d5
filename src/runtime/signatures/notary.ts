import type { KeyObject } from 'node:crypto';
import {
  isSignedBy,
  messagesOn,
  publicKeyFrom,
  publicKeyOf,
  readSignature,
  REGISTRY_SIGNER,
  signatureHeaders,
  signatureOf,
  TOPIC_SUFFIXES,
  type MessageType,
  type Signature,
  type TopicSuffix,
} from '../../messages/index.js';
import type { LogRecord, OutgoingRecord } from '../lanes/lane.js';
import type { Authorship } from '../lanes/step.js';

/** Keys that are kept ready, of the nodes that were heard last: to read one costs as much as to verify a signature. Some 0.6 KiB each. */
const MAX_KEYS = 100_000;

/** Said by nodes, by operators, or by the registry on topics that nodes may write to. */
const SIGNED: readonly MessageType[] = [
  'NODE_INTROSPECTION',
  'NODE_REGISTRATION_ACKED',
  'NODE_HEARTBEAT',
  'REGISTER_NODE',
  'DEREGISTER_NODE',
  'DEADLINE_PASSED',
];

const LOOKED_AT: ReadonlySet<TopicSuffix> = new Set(
  TOPIC_SUFFIXES.filter((topic) => messagesOn(topic).some((type) => SIGNED.includes(type))),
);

/** Whether a record is by whom it says; `wrong`: it has a signature that is none. */
export type Author = Authorship | { readonly wrong: string };

/** Verifies what comes from the log, and signs what the registry itself says there. */
export class Notary {
  private readonly publicKey: string;
  /** By their text, those used last at the end. */
  private readonly keys = new Map<string, KeyObject>();
  private readonly nobody: Authorship;

  constructor(
    readonly mode: Authorship['mode'],
    /** Of the registry. */
    readonly privateKey: KeyObject,
    private readonly maxKeys = MAX_KEYS,
  ) {
    this.publicKey = publicKeyOf(privateKey);
    this.nobody = { mode, signedBy: null };
  }

  /** Undefined on topics where signatures mean nothing. In mode warn a wrong one is like none, for whoever decides. */
  authorOf(record: LogRecord): Author | undefined {
    if (!LOOKED_AT.has(record.topic)) return undefined;
    const read = readSignature(record.headers);
    if (read === null) return this.nobody;
    if ('wrong' in read) return read;
    if (!this.isTrue(record, read)) return { wrong: 'the signature is not that of the public key over this record' };
    return { mode: this.mode, signedBy: read.publicKey === this.publicKey ? REGISTRY_SIGNER : read.publicKey };
  }

  /** The same record, signed by the registry. */
  sign(record: OutgoingRecord): OutgoingRecord {
    const { topic, key, value, headers } = record;
    if (key === null || value === null) throw new Error(`a record of ${topic} without key or value cannot be signed`);
    const signature = signatureOf({ topic, key, value }, this.privateKey, this.publicKey);
    return { ...record, headers: { ...headers, ...signatureHeaders(signature) } };
  }

  private isTrue({ topic, key, value }: LogRecord, signature: Signature): boolean {
    return (
      key !== null && value !== null && isSignedBy({ topic, key, value }, signature, this.keyOf(signature.publicKey))
    );
  }

  private keyOf(text: string): KeyObject {
    const key = this.keys.get(text) ?? publicKeyFrom(text);
    this.keys.delete(text);
    this.keys.set(text, key);
    if (this.keys.size <= this.maxKeys) return key;
    for (const oldest of this.keys.keys()) {
      this.keys.delete(oldest);
      break;
    }
    return key;
  }
}
