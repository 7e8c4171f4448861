// The browser that page tests, benchmarks and pictures use: the system's Chromium. In: nothing. Out: its program, installed where that is possible.

import { existsSync } from 'node:fs';
import { ensureInstalled, findProgram } from './servers/programs.ts';

const CHROMIUM = { programs: ['chromium'], packages: { apt: 'chromium', brew: '--cask chromium' } };
const ON_MACOS = '/Applications/Chromium.app/Contents/MacOS/Chromium';

/** Full path, or undefined when there is none. */
export function findBrowser(): string | undefined {
  const inPath = ['chromium', 'chromium-browser', 'google-chrome'].map(findProgram);
  return inPath.find((program) => program !== undefined) ?? (existsSync(ON_MACOS) ? ON_MACOS : undefined);
}

/**
 * Installs Chromium where there is none. Before tests, and not in them: they run side by side, and apt-get only alone.
 * @throws an error with the command that installs it.
 */
export async function ensureBrowser(say: (line: string) => void): Promise<void> {
  if (findBrowser() === undefined) await ensureInstalled(new Map([['chromium', CHROMIUM]]), say);
}
