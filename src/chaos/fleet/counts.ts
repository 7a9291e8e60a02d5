export type FleetCounts = {
  /** Processes that started, for the first time or again. */
  starts: number;
  changes: number;
  goodbyes: number;
  deaths: number;
  /** Times that a node became active. */
  registrations: number;
  /** Heartbeats that the broker has. */
  heartbeats: number;
  /** Told that their silence, or a late ack, had cost them their place. */
  expired: number;
  ackTimedOut: number;
};

/** A registration that succeeded. Epoch milliseconds. */
export type Registered = { readonly beganAt: number; readonly activeAt: number };

export function nothingYet(): FleetCounts {
  return {
    starts: 0,
    changes: 0,
    goodbyes: 0,
    deaths: 0,
    registrations: 0,
    heartbeats: 0,
    expired: 0,
    ackTimedOut: 0,
  };
}
