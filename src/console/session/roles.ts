/** What the API lets people do, from looking to everything. */
export const ROLES = ['reader', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who is at the page. `name` is null where the API asks nobody who they are. */
export type Person = { readonly name: string | null; readonly role: Role };

/** Without authentication everybody may do everything. */
export const ANYBODY: Person = { name: null, role: 'admin' };

type Answer = { readonly name?: unknown; readonly role?: unknown; readonly source?: unknown };

/** A role that we do not know may look: the API decides in any case. */
export function personOf(answer: Answer): Person {
  if (answer.source === 'none') return ANYBODY;
  return {
    name: typeof answer.name === 'string' && answer.name !== '' ? answer.name : 'unnamed',
    role: ROLES.find((role) => role === answer.role) ?? 'reader',
  };
}

export function mayOperate({ role }: Person): boolean {
  return role !== 'reader';
}
