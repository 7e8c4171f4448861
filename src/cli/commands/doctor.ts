// `wiretime doctor`: why do I see nothing? In: this machine and a data folder. Out: a ladder of checks; 1 when one of them failed.
// Each rung needs those before it: the first ✕ is the one to mend.

import { accessSync, constants, existsSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { Command } from 'commander';

import type { StatusAnswer } from '../../answer/api.ts';
import { ExitCode, messageOf } from '../failure.ts';
import type { Installation } from '../installation.ts';
import { dataOption, folderOf, type DataOptions } from '../options.ts';
import type { DataFolder } from '../session/data-folder.ts';
import { probeAgent } from '../session/probe.ts';
import { openSource } from '../session/source.ts';
import { readState, stateFileIn, userStateFile, type RunningState } from '../session/state-file.ts';
import { renderDoctor, type Check } from '../terminal/doctor.ts';
import { traitsOf } from '../terminal/traits.ts';

const EXAMPLES = `
Examples:
  $ wiretime doctor                   is everything in place, what was seen, what could not be
  $ wiretime doctor --data /var/lib/wiretime

Ends with 1 when a check failed. The counters and their sums are explained in docs/doctor.md.`;

export function doctorCommand(installation: Installation, exit: (code: number) => void): Command {
  return new Command('doctor')
    .summary('why do I see nothing: a ladder of checks')
    .description('Checks, one after the other, everything that must be in place for a request to be seen.')
    .addOption(dataOption())
    .addHelpText('after', EXAMPLES)
    .action(async (options: DataOptions) => {
      const folder = folderOf(options);
      const running = readState(stateFileIn(folder.path)) ?? readState(userStateFile());
      const checks = [
        checkNode(process.versions.node),
        checkAgentFile(installation),
        await checkProbe(installation),
        checkFolder(folder),
        await checkCollector(running),
      ];
      const status = await statusOf(folder);
      process.stdout.write(renderDoctor(checks, status, traitsOf(process.stdout, process.env)));
      exit(checks.some(({ result }) => result === 'failed') ? ExitCode.failed : ExitCode.ok);
    });
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
  const isListening = await canConnect(state.socketPath);
  return isListening
    ? {
        name,
        result: 'ok',
        detail: `${who}, takes connections${placeOf(state)}`,
      }
    : {
        name,
        result: 'failed',
        detail: `${who}, does not take connections at ${state.socketPath}. Restart it`,
      };
}

/** Without the token: what doctor prints is pasted into reports. */
function placeOf({ url }: RunningState): string {
  return url === undefined ? '' : `, ${new URL(url).origin}`;
}

function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Of the recording in this folder; undefined when there is none to ask. */
async function statusOf(folder: DataFolder): Promise<StatusAnswer | undefined> {
  const source = await openSource(folder).catch(() => undefined);
  if (source === undefined) return undefined;
  try {
    return await source.answers.status();
  } catch {
    return undefined;
  } finally {
    await source.close();
  }
}
