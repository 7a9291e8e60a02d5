import { closeSync, fsyncSync, openSync } from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** The parts of Emscripten's file system that we add to: a file has a descriptor, a folder has none. */
type Stream = { readonly nfd?: number; readonly node: object };
type FileSystem = {
  readonly filesystems: {
    readonly NODEFS: { realPath(node: object): string; readonly stream_ops: { fsync?: (stream: Stream) => number } };
  };
};

type Init = NodeFS['init'];

/**
 * PGlite's files on disk, with an `fsync` that reaches it. PGlite leaves it out, and turns it off in PostgreSQL: that is
 * enough for a killed process, but after a power failure files that were written in an order that nobody controlled would
 * not fit together.
 */
export class DurableFiles extends NodeFS {
  override async init(...args: Parameters<Init>): ReturnType<Init> {
    const { emscriptenOpts } = await super.init(...args);
    const sync = ({ FS }: { FS: unknown }): void => {
      const { NODEFS } = (FS as FileSystem).filesystems;
      NODEFS.stream_ops.fsync = ({ nfd, node }) => {
        if (nfd !== undefined) fsyncSync(nfd);
        else syncFolder(NODEFS.realPath(node));
        return 0;
      };
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), sync] } };
  }
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
