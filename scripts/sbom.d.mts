import type { Lock } from './shipped.mjs';

export type Component = {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses: readonly object[];
};
export type Bill = {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly metadata: { readonly component: { readonly 'bom-ref': string } };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
};
export function shippedPart(bill: Bill, lock: Lock, bundled?: readonly string[]): Bill;
export function flawsOf(bill: Bill, lock: Lock, bundled?: readonly string[]): string[];
