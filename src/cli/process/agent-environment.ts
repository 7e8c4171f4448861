// The environment that makes a Node program load the agent. In: an environment, the agent's file, the socket.
// Out: the same environment with three more variables. Not here: what the agent does with them (src/agent/).

type Environment = Readonly<Record<string, string | undefined>>;

export interface AgentSettings {
  readonly agentFile: string;
  readonly socketPath: string;
  /** Absent: the agent takes the name from the program's package.json. */
  readonly service?: string | undefined;
}

/** Only the variables to set. NODE_OPTIONS keeps what was there; the agent comes last, and once. */
export function agentVariables(settings: AgentSettings, env: Environment): Record<string, string> {
  return {
    NODE_OPTIONS: withAgent(env['NODE_OPTIONS'] ?? '', settings.agentFile),
    WIRETIME_SOCKET: settings.socketPath,
    ...(settings.service === undefined ? {} : { WIRETIME_SERVICE: settings.service }),
  };
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
