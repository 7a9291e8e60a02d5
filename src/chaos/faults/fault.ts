/** What is done to the stack, as values: made by a plan, inflicted by `inflict.ts`, counted by the report. */
export const SERVERS = ['kafka', 'consul', 'postgres'] as const;
export type Server = (typeof SERVERS)[number];

/** One replica of Rollcall, or both. */
export const REPLICAS = ['replica-1', 'replica-2'] as const;
export type Replica = (typeof REPLICAS)[number];
export type Replicas = Replica | 'replicas';

/** The connections of one replica, or of both, with a server: they go by a door of ours. */
export type Link = `${Replicas}>${Server}`;

export type Fault =
  /** kill -9; started again after `forMs`. */
  | { readonly kind: 'kill'; readonly target: Replicas | Server; readonly forMs: number }
  /** SIGSTOP, and SIGCONT after `forMs`: it hangs with all that it holds. */
  | { readonly kind: 'freeze'; readonly target: Replicas | Server; readonly forMs: number }
  /** A clean stop, and a start after `forMs`. */
  | { readonly kind: 'restart'; readonly target: Replicas | Server; readonly forMs: number }
  /** Every connection breaks; new ones are made at once. */
  | { readonly kind: 'cut'; readonly target: Link; readonly forMs: 0 }
  /** Connections break, and new ones are refused. */
  | { readonly kind: 'refuse'; readonly target: Link; readonly forMs: number }
  /** Whatever goes by takes `delayMs` longer. */
  | { readonly kind: 'slow'; readonly target: Link; readonly forMs: number; readonly delayMs: number }
  /** Nothing goes by, and nobody is told. */
  | { readonly kind: 'black-hole'; readonly target: Link; readonly forMs: number }
  /** Records that are no messages, on every topic. */
  | { readonly kind: 'rubbish'; readonly target: 'topics'; readonly forMs: 0 }
  /** The topic of dead letters takes none, while there are some. */
  | { readonly kind: 'dead-letters-refused'; readonly target: 'dead-letters'; readonly forMs: number }
  /** Every synthetic node in Consul is deleted, with all services. */
  | { readonly kind: 'wipe-consul'; readonly target: 'consul'; readonly forMs: 0 }
  /** `node_registrations` is dropped. */
  | { readonly kind: 'drop-registrations'; readonly target: 'postgres'; readonly forMs: 0 }
  /** A few entries in both are deleted, altered and made up, and foreign ones put among them. */
  | { readonly kind: 'damage'; readonly target: 'backends'; readonly forMs: 0 };

export type FaultKind = Fault['kind'];

/** A fault with its place in the sequence. */
export type Planned = {
  readonly fault: Fault;
  /** Since the fault before it began, or has ended where this one does not go alongside. */
  readonly pauseMs: number;
  /** Begins while those before it last. */
  readonly alongside: boolean;
  /** Waits first until what was broken before works again: so it shows how long that takes. */
  readonly afterRecovery: boolean;
};

export function linkOf(link: Link): { readonly replicas: readonly Replica[]; readonly server: Server } {
  const [whose, server] = link.split('>') as [Replicas, Server];
  return { replicas: replicasOf(whose), server };
}

export function replicasOf(replicas: Replicas): readonly Replica[] {
  return replicas === 'replicas' ? REPLICAS : [replicas];
}

export function isServer(target: Replicas | Server): target is Server {
  return (SERVERS as readonly string[]).includes(target);
}

/** What a fault holds while it lasts: two at a time never hold the same. */
export function holds({ target }: Fault): readonly string[] {
  switch (target) {
    case 'kafka':
    case 'consul':
    case 'postgres':
      return [target];
    case 'replica-1':
    case 'replica-2':
    case 'replicas':
      return replicasOf(target);
    case 'topics':
      return [];
    case 'backends':
      return ['consul', 'postgres'];
    case 'dead-letters':
      // The broker has to be told, at both ends.
      return [target, 'kafka'];
    default: {
      const { replicas, server } = linkOf(target);
      return replicas.map((replica) => `${replica}>${server}`);
    }
  }
}

export function faultText({ kind, target, forMs, ...rest }: Fault): string {
  const delay = 'delayMs' in rest ? ` by ${rest.delayMs} ms` : '';
  return `${kind} ${target}${delay}${forMs > 0 ? ` for ${(forMs / 1000).toFixed(1)} s` : ''}`;
}
