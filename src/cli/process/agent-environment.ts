// The environment that makes Node and Python programs load their agents. In: an environment, where the agents are, the socket.
// Out: the variables to add. Not here: what the agent does with them (src/agent/).

import { delimiter } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

export interface AgentSettings {
  readonly agentFile: string;
  /** Holds the sitecustomize.py that starts the Python agent. Absent: Python programs are not traced. */
  readonly pythonFolder?: string | undefined;
  readonly socketPath: string;
  /** Absent: the agent takes the name from the program's package.json. */
  readonly service?: string | undefined;
  /** Hosts beside our own that get trace headers, or `off`. Absent: our own only. */
  readonly propagate?: string | undefined;
  /** Look which lines of code run. */
  readonly profile?: boolean | undefined;
}

/** Only the variables to set. What was in them stays: in NODE_OPTIONS the agent comes last, in PYTHONPATH first, and once. */
export function agentVariables(settings: AgentSettings, env: Environment): Record<string, string> {
  return {
    NODE_OPTIONS: withAgent(env['NODE_OPTIONS'] ?? '', settings.agentFile),
    ...pythonVariables(settings.pythonFolder, env['PYTHONPATH'] ?? ''),
    WIRETIME_SOCKET: settings.socketPath,
    ...(settings.service === undefined ? {} : { WIRETIME_SERVICE: settings.service }),
    ...(settings.propagate === undefined ? {} : { WIRETIME_PROPAGATE: settings.propagate }),
    ...profileVariable(settings.profile === true, env['WIRETIME_PROFILE']),
  };
}

/** A flag is on when its variable is there at all (commander): `0`, `false` and nothing mean off. */
function profileVariable(isAsked: boolean, known: string | undefined): Record<string, string> {
  return isAsked && !/^(0|false|no|off)?$/i.test(known ?? '1') ? { WIRETIME_PROFILE: '1' } : {};
}

/** A path with the separator in it cannot be in PYTHONPATH. */
function pythonVariables(folder: string | undefined, pythonPath: string): Record<string, string> {
  if (folder === undefined || folder.includes(delimiter)) return {};
  const others = pythonPath.split(delimiter).filter((entry) => entry !== folder);
  return { PYTHONPATH: [folder, ...others.filter((entry) => entry !== '')].join(delimiter) };
}

function withAgent(nodeOptions: string, agentFile: string): string {
  const option = quoted(`--require=${agentFile}`);
  if (nodeOptions.includes(option)) return nodeOptions;
  return nodeOptions.trim() === '' ? option : `${nodeOptions.trim()} ${option}`;
}

/** Node splits NODE_OPTIONS at spaces outside double quotes; inside them a backslash escapes. */
function quoted(option: string): string {
  return /[\s"]/.test(option) ? `"${option.replaceAll(/["\\]/g, String.raw`\$&`)}"` : option;
}
