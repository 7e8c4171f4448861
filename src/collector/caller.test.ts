// Call sites in bundles, with maps that a bundler really made; and what stands there instead of a map.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildSync, type BuildOptions } from 'esbuild';
import { callerIn } from './caller.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'wiretime-maps-')));
after(() => rmSync(folder, { recursive: true, force: true }));

const LIBRARY = `exports.query = () => new Error().stack;\n`;
const SHOP = `import { query } from 'driver';

export interface Shop {
  readonly name: string;
}

export function load(shop: Shop): string {
  return query(shop.name);
}
`;

mkdirSync(join(folder, 'node_modules/driver'), { recursive: true });
writeFileSync(join(folder, 'node_modules/driver/index.js'), LIBRARY);
mkdirSync(join(folder, 'src'));
writeFileSync(join(folder, 'src/shop.ts'), SHOP);

/** The stack of a call, as the agent sends it, from a bundle that is made with these options. */
function stackIn(name: string, options: BuildOptions): string {
  const outfile = join(folder, 'dist', name);
  buildSync({
    entryPoints: [join(folder, 'src/shop.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    ...options,
  });
  // In a process of its own: this one maps its stacks itself.
  const script = `console.log(require(${JSON.stringify(outfile)}).load({}))`;
  return execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', env: {} })
    .split('\n')
    .map((line) => /((?:\/[^/:]+)+:\d+:\d+)/.exec(line)?.[1] ?? '')
    .filter((place) => place.startsWith(folder))
    .join('\n');
}

const CALL = `${folder}/src/shop.ts:8:10`;

test('a map beside a minified bundle: the line of the source, not of the package', () => {
  const stack = stackIn('beside.cjs', { minify: true, sourcemap: true });
  assert.equal(stack.split('\n').length, 2);
  assert.equal(callerIn(stack, folder), CALL);
});

test('an application that is installed as a package is named as it is there, whatever its map says', () => {
  const stack = stackIn('../node_modules/server/index.cjs', { sourcemap: true, packages: 'external' });
  const own = stack.split('\n').filter((line) => line.includes('/server/'));
  assert.match(callerIn(own.join('\n'), folder), /node_modules\/server\/index\.cjs:\d+:\d+$/);
});

test('a bundle that a tool keeps in node_modules/.cache is no package', () => {
  assert.equal(
    callerIn(stackIn('../node_modules/.cache/tool/beside.cjs', { sourcemap: true }), folder),
    CALL,
  );
});

test('a map in the bundle', () => {
  assert.equal(callerIn(stackIn('inside.cjs', { sourcemap: 'inline' }), folder), CALL);
});

test('a bundle that was made anew under the same name', () => {
  const first = callerIn(stackIn('anew.cjs', { sourcemap: true }), folder);
  const later = stackIn('anew2.cjs', { sourcemap: true, banner: { js: '// one more line' } });
  buildSync({
    entryPoints: [join(folder, 'src/shop.ts')],
    outfile: join(folder, 'dist/anew.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    sourcemap: true,
    banner: { js: '// one more line' },
  });
  assert.deepEqual([first, callerIn(later.replaceAll('anew2', 'anew'), folder)], [CALL, CALL]);
});

test('without a map the innermost frame', () => {
  const stack = stackIn('bare.cjs', {});
  assert.equal(callerIn(stack, folder), stack.split('\n')[0]);
});

test('what is no map, or lies nowhere, is none', () => {
  const places = ['no json', '{"version":3}', '{"version":3,"sources":[1],"names":[],"mappings":"????"}'].map(
    (json, index) => {
      const file = join(folder, `broken${index}.js`);
      writeFileSync(
        file,
        `query();\n//# sourceMappingURL=data:application/json,${encodeURIComponent(json)}\n`,
      );
      return `${file}:1:1`;
    },
  );
  const missing = join(folder, 'missing.js');
  writeFileSync(missing, 'query();\n//# sourceMappingURL=nowhere.js.map\n');
  for (const place of [...places, `${missing}:1:1`, '/nowhere/gone.js:3:7'])
    assert.equal(callerIn(`${place} load`, folder), place);
});

test('a path with spaces, a native frame, nothing', () => {
  assert.equal(callerIn('/my app/shop.js:3:7 load\n/x.js:1:1', '/my app'), '/my app/shop.js:3:7');
  assert.equal(callerIn('native', '/'), '');
  assert.equal(callerIn('', '/'), '');
});
