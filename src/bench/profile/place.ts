import { existsSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CallFrame } from './cpu-profile.js';

/** Where a function stands. `own`: a file of the program; `package`: of one that it uses; `node`: of Node.js; `native`: not JavaScript. */
export type Place = {
  readonly kind: 'own' | 'package' | 'node' | 'native';
  /** `runtime/lanes/lane.ts`, `kafkajs/src/network/socket.js`, `node:net`; empty for `native`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
};

export type PlaceOf = (frame: CallFrame) => Place;

const PACKAGES = '/node_modules/';

/** `folder`: of the built program, with its source maps beside the files, by which lines are those of the sources. */
export function placesIn(folder: string): PlaceOf {
  const root = pathToFileURL(folder.endsWith('/') ? folder : `${folder}/`).href;
  const maps = new Map<string, SourceMap | undefined>();
  const mapOf = (url: string): SourceMap | undefined => {
    if (!maps.has(url)) maps.set(url, readMap(url));
    return maps.get(url);
  };
  return (frame) => {
    const { url, lineNumber, columnNumber } = frame;
    const line = lineNumber + 1;
    if (url === '') return { kind: 'native', path: '', line: 0 };
    if (url.includes(PACKAGES))
      return { kind: 'package', path: url.slice(url.lastIndexOf(PACKAGES) + PACKAGES.length), line };
    if (!url.startsWith(root)) return { kind: 'node', path: url, line };
    const built = decodeURIComponent(url.slice(root.length));
    const entry = mapOf(url)?.findEntry(lineNumber, columnNumber);
    if (entry === undefined || !('originalLine' in entry)) return { kind: 'own', path: built, line };
    return { kind: 'own', path: built.replace(/js$/, 'ts'), line: entry.originalLine + 1 };
  };
}

export function placeText({ kind, path, line }: Place): string {
  return kind === 'native' ? 'native' : `${path}:${line}`;
}

function readMap(url: string): SourceMap | undefined {
  const file = `${fileURLToPath(url)}.map`;
  return existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8')) as SourceMapPayload) : undefined;
}
