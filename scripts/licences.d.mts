import type { Lock } from './shipped.mjs';

export function unwantedLicences(lock: Lock, bundled?: readonly string[]): string[];
