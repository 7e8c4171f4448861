// Programs that only start others: package managers, runners, watchers. In: the script that Node runs. Out: is it one of them?
// The agent stays out of them, and `doctor` says so.

/** All of them have one of these words: most programs are asked but one question. */
const WORDS = /n[po][mxd]|yarn|corepack|tsx|pm2|wiretime/;

/** The end of `argv[1]`. ts-node is not here: it runs the application in its own process. */
const TOOLS = [
  /\/(npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(-cli)?(\.c?js)?$/,
  /\/bin\/(npm|npx|pnpm|yarn|corepack)[^/]*$/,
  /\/yarn-[\d.]+\.c?js$/,
  /\/tsx\/dist\/cli\.[cm]?js$/,
  /\/nodemon\/bin\/nodemon\.js$/,
  /\/pm2\/(bin\/pm2[^/]*|lib\/(Daemon|Watchdog)\.js)$/,
  // wiretime itself, in a shell that joined with `wiretime env`.
  /\/wiretime(\/dist\/cli\.js)?$/,
  /\/node_modules\/\.bin\/(tsx|nodemon|pm2|npm|npx|pnpm|yarn)$/,
];

/** `script`: a path, or '' when there is none. */
export function isTool(script: string): boolean {
  if (!WORDS.test(script)) return false;
  const path = script.replaceAll('\\', '/');
  return TOOLS.some((tool) => tool.test(path));
}
