// The first rungs of the ladder: what must be in place on this machine, whatever the program. In: this installation, an environment, a folder,
// the state of a running wiretime. Out: one check each.

import { accessSync, constants, existsSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';

import type { StatusAnswer } from '../../answer/api.ts';
import { codeOf, messageOf } from '../failure.ts';
import type { Installation } from '../installation.ts';
import type { DataFolder } from '../session/data-folder.ts';
import { probeAgent } from '../session/probe.ts';
import type { RunningState } from '../session/state-file.ts';
import type { Check } from '../terminal/doctor.ts';

/** One after the other: each needs those before it. */
export async function machineChecks(
  installation: Installation,
  folder: DataFolder,
  running: RunningState | undefined,
): Promise<readonly Check[]> {
  return [
    checkNode(process.versions.node),
    checkAgentFile(installation),
    await checkProbe(installation),
    checkFolder(folder),
    await checkShell(process.env),
    await checkCollector(running),
  ];
}

function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > 20 || (major === 20 && minor >= 19);
  return {
    name: 'Node.js',
    result: isEnough ? 'ok' : 'failed',
    detail: isEnough ? version : `${version} is too old: wiretime needs 20.19 or newer`,
  };
}

function checkAgentFile({ agentFile }: Installation): Check {
  if (existsSync(agentFile)) return { name: 'Agent', result: 'ok', detail: agentFile };
  return {
    name: 'Agent',
    result: 'failed',
    detail: `${agentFile} is missing. Install wiretime again, or run npm run build in a checkout`,
  };
}

/** A real program, a real agent, a real collector: what one request must leave behind. */
async function checkProbe({ agentFile }: Installation): Promise<Check> {
  const name = 'A traced hello';
  if (!existsSync(agentFile)) return { name, result: 'skipped', detail: 'needs the agent' };
  const { processes, requests, operations, complaint } = await probeAgent(agentFile).catch(
    (error: unknown) => ({
      processes: 0,
      requests: 0,
      operations: 0,
      complaint: messageOf(error),
    }),
  );
  const seen = `${processes} process, ${requests} request, ${operations} operation`;
  if (processes > 0 && requests > 0 && operations > 0)
    return { name, result: 'ok', detail: `${seen} arrived` };
  const why = complaint === '' ? '' : ` Node said: ${complaint}`;
  return { name, result: 'failed', detail: `only ${seen} arrived from a tiny program.${why}` };
}

function checkFolder({ path, name }: DataFolder): Check {
  const nearest = existsSync(path) ? path : dirname(path);
  try {
    accessSync(nearest, constants.W_OK);
    const state = existsSync(path) ? 'there, and writable' : 'not there yet; run and serve make it';
    return { name: 'Data folder', result: 'ok', detail: `${name} is ${state}` };
  } catch {
    return {
      name: 'Data folder',
      result: 'failed',
      detail: `${name} cannot be written. Change its permissions, or use --data DIR`,
    };
  }
}

async function checkCollector(state: RunningState | undefined): Promise<Check> {
  const name = 'Running wiretime';
  if (state?.socketPath === undefined)
    return { name, result: 'skipped', detail: 'none; wiretime run starts one of its own' };
  const who = `${state.command}, process ${state.pid}`;
  const refusal = await refusalOf(state.socketPath);
  if (refusal === undefined)
    return { name, result: 'ok', detail: `${who}, takes connections${placeOf(state)}` };
  return {
    name,
    result: 'failed',
    detail: `${who}: at ${state.socketPath} ${refusal}. Restart it`,
  };
}

/** Without the token: what doctor prints is pasted into reports. */
function placeOf({ url }: RunningState): string {
  return url === undefined ? '' : `, ${new URL(url).origin}`;
}

/** Why nobody can connect there; undefined when one can. */
function refusalOf(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error) => resolve(REFUSALS[codeOf(error)] ?? messageOf(error)));
  });
}

const REFUSALS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no socket: that wiretime has ended, or the path is wrong',
  ECONNREFUSED: 'nobody listens: that wiretime has ended',
  EACCES: 'this user may not connect: it belongs to another, or its folder does',
  ENOTSOCK: 'there is something that is no socket',
};

/** What this shell hands to the programs that it starts (`wiretime env`). */
async function checkShell(env: NodeJS.ProcessEnv): Promise<Check> {
  const name = 'This shell';
  const socket = env['WIRETIME_SOCKET'];
  if (env['WIRETIME_DISABLED'] === '1')
    return { name, result: 'failed', detail: 'WIRETIME_DISABLED=1 is set, so no agent works. Unset it' };
  if (socket === undefined)
    return { name, result: 'skipped', detail: 'has not joined a wiretime, and need not' };
  const refusal = await refusalOf(socket);
  if (refusal === undefined) return { name, result: 'ok', detail: `its programs join ${socket}` };
  return {
    name,
    result: 'failed',
    detail: `its programs join ${socket}, where ${refusal}. Run eval "$(wiretime env)" again, or unset WIRETIME_SOCKET`,
  };
}

/** Agents and collectors of two versions may not understand each other. */
export function versionChecks(
  running: RunningState | undefined,
  status: StatusAnswer | undefined,
  { version }: Installation,
): readonly Check[] {
  if (running === undefined || status?.isLive !== true || status.version === version) return [];
  const detail = `the one that runs is ${status.version}, this is ${version}. Restart it, and the programs that joined it`;
  return [{ name: 'Version', result: 'failed', detail }];
}
