// Bundles the page into a directory: node build.mjs [directory]
//
// Three files come out, and they load nothing else: the page works on a machine without a network.

import {copyFile, mkdir} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, '../target/classes/web'));

await mkdir(out, {recursive: true});
await build({
  entryPoints: [join(here, 'src/app.js'), join(here, 'src/style.css')],
  outdir: out,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'inline',
  logLevel: 'warning',
});
await copyFile(join(here, 'src/index.html'), join(out, 'index.html'));
console.log('bundled the page: index.html, app.js, style.css');
