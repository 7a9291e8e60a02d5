const CODES = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;

export type Colour = keyof typeof CODES;

export function coloured(text: string, colour: Colour | undefined): string {
  return colour === undefined || text === '' ? text : `\u001b[${CODES[colour]}m${text}\u001b[0m`;
}

type Wish = {
  readonly isTTY: boolean;
  /** False with `--no-color`. */
  readonly asked: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** Colours are for people at a terminal; https://no-color.org says how they are declined. */
export function wantsColours({ isTTY, asked, env }: Wish): boolean {
  return isTTY && asked && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

const STATE_COLOURS: Readonly<Record<string, Colour>> = {
  active: 'green',
  pending_registration: 'yellow',
  accepted: 'yellow',
  awaiting_ack: 'yellow',
  ack_received: 'yellow',
  deregistering: 'yellow',
  deregistered: 'dim',
  rejected: 'red',
  ack_timed_out: 'red',
  liveness_expired: 'red',
};

export function colourOfState(state: string): Colour | undefined {
  return STATE_COLOURS[state];
}
