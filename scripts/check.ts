// `npm run check`: everything that can be known without running the product. Stops at the first step that fails.

import { spawnSync } from 'node:child_process';

const STEPS: readonly (readonly [string, string])[] = [
  ['layers', 'tsx scripts/check-layers.ts'],
  ['types', 'tsc --project tsconfig.json'],
  ['types of the pages', 'tsc --project src/ui/tsconfig.json'],
  ['lint', 'oxlint --deny-warnings'],
  ['format', 'oxfmt --check .'],
  ['dead code', 'knip'],
  ['types of Python', 'pyright --project python'],
];

for (const [name, command] of STEPS) {
  const { status } = spawnSync('npx', ['--no-install', ...command.split(' ')], { stdio: 'inherit' });
  if (status !== 0) {
    console.error(`check: ${name} failed (${command})`);
    process.exit(1);
  }
}
