/** From the bench to a process that can be sampled, over IPC. */
export type Order = { readonly kind: 'start' } | { readonly kind: 'stop'; readonly file: string };

/** Its answer, to one order at a time. `done`: samples are taken, or the profile is in the file. */
export type Answer = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly reason: string };
