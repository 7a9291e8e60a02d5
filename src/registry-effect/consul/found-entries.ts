/** What Consul holds, in its own words; what it leaves out is null. */
export type FoundService = {
  readonly ID: string;
  readonly Service: string;
  readonly Tags: readonly string[] | null;
  readonly Address: string;
  readonly Port: number;
  readonly Meta: Readonly<Record<string, string>> | null;
};

export type FoundCheck = {
  readonly CheckID: string;
  readonly Name: string;
  readonly ServiceID: string;
  readonly Status: string;
  readonly Output: string;
};

export type FoundNode = {
  readonly Node: string;
  readonly Address: string;
  readonly Meta: Readonly<Record<string, string>> | null;
};

/** A service on some node of Consul. */
export type FoundEntry = { readonly consulNode: string; readonly service: FoundService };

/** A synthetic node with all that is on it; `node` is null where it is not there. */
export type FoundPage = {
  readonly node: FoundNode | null;
  readonly services: readonly FoundService[];
  readonly checks: readonly FoundCheck[];
};

export function ownerOf({ Meta }: FoundService): string | undefined {
  return Meta?.['owner'];
}
