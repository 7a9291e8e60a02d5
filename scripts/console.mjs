/** Builds the console (src/console) into dist/console, with a compressed copy beside each asset: they are served as they lie. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { build } from 'vite';

const root = dirname(import.meta.dirname);
const outDir = join(root, 'dist/console');

/** Those that know `light-dark()` and all else that the styles use. */
const BROWSERS = ['chrome123', 'edge123', 'firefox121', 'safari17.5'];

await build({
  configFile: false,
  root: join(root, 'src/console'),
  base: '/console/',
  publicDir: false,
  logLevel: 'warn',
  build: {
    outDir,
    emptyOutDir: true,
    target: BROWSERS,
    // The policy of the page allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      onLog: (level, log, handle) => {
        // For frameworks with components on the server; here all of them are on the client.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
});

const assets = join(outDir, 'assets');
for (const name of await readdir(assets)) {
  const content = await readFile(join(assets, name));
  await writeFile(join(assets, `${name}.br`), await promisify(brotliCompress)(content));
  await writeFile(join(assets, `${name}.gz`), await promisify(gzip)(content, { level: 9 }));
}
