export type LockEntry = {
  readonly version?: string;
  readonly license?: string | undefined;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
};
export type Lock = { readonly packages: Readonly<Record<string, LockEntry>> };
export const BUNDLED: readonly string[];
export function shippedPlaces(lock: Lock, bundled?: readonly string[]): string[];
export function nameOf(place: string): string;
