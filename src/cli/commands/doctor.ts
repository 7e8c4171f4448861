// `wiretime doctor`: why do I see nothing? In: this machine, a data folder, perhaps a command. Out: a ladder of checks, and what is wrong
// with which process; 1 when something is. Each rung needs those before it: the first ✕ is the one to mend. Not here: what is wrong with a
// process (doctor/explain.ts).

import { accessSync, constants, existsSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';

import type { StatusAnswer } from '../../answer/api.ts';
import type { Diagnosis } from '../doctor/explain.ts';
import { descendants, listProcesses } from '../doctor/processes.ts';
import { diagnoseAll, expectedOf, programChecks } from '../doctor/program-checks.ts';
import { watchCommand } from '../doctor/watch.ts';
import { codeOf, ExitCode, messageOf } from '../failure.ts';
import type { Installation } from '../installation.ts';
import { dataOption, folderOf, parsePositive, type DataOptions } from '../options.ts';
import type { DataFolder } from '../session/data-folder.ts';
import { probeAgent } from '../session/probe.ts';
import { openSource } from '../session/source.ts';
import { readState, stateFileIn, userStateFile, type RunningState } from '../session/state-file.ts';
import { doctorJson, renderDoctor, type Check, type Examination } from '../terminal/doctor.ts';
import { traitsOf } from '../terminal/traits.ts';

interface DoctorOptions extends DataOptions {
  readonly seconds: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  $ wiretime doctor                   is everything in place, what was seen, what could not be
  $ wiretime doctor -- npm start      starts the program, and says which of its processes is not seen, and why
  $ wiretime doctor --data /var/lib/wiretime

Ends with 1 when a check failed or a process is not seen. All that it can say is explained in docs/doctor.md.`;

const MS_PER_SECOND = 1000;

export function doctorCommand(installation: Installation, exit: (code: number) => void): Command {
  return new Command('doctor')
    .summary('why do I see nothing: a ladder of checks')
    .description('Checks, one after the other, everything that must be in place for a request to be seen.')
    .argument('[command...]', 'a program to start and look at, after --')
    .addOption(dataOption())
    .addOption(
      new Option('--seconds <seconds>', 'how long the program is looked at')
        .env('WIRETIME_DOCTOR_SECONDS')
        .default(20)
        .argParser(parsePositive),
    )
    .addOption(new Option('--json', 'one JSON object on stdout').env('WIRETIME_DOCTOR_JSON'))
    .passThroughOptions()
    .addHelpText('after', EXAMPLES)
    .action(async (command: readonly string[], options: DoctorOptions) => {
      const examination = await examine(command, options, installation);
      const text = options.json === true ? doctorJson(examination) : renderDoctor(examination, traits());
      process.stdout.write(text);
      exit(examination.isWell ? ExitCode.ok : ExitCode.failed);
    });
}

const traits = () => traitsOf(process.stdout, process.env);

async function examine(
  command: readonly string[],
  options: DoctorOptions,
  installation: Installation,
): Promise<Examination> {
  const folder = folderOf(options);
  const running = readState(stateFileIn(folder.path)) ?? readState(userStateFile());
  const basics = [
    checkNode(process.versions.node),
    checkAgentFile(installation),
    await checkProbe(installation),
    checkFolder(folder),
    await checkShell(process.env),
    await checkCollector(running),
  ];
  const status = await statusOf(folder);
  const ofProgram =
    command.length > 0
      ? await programOf(command, options, installation)
      : {
          checks: versionChecks(running, status, installation),
          processes: recorded(running, status, installation),
        };
  const checks = [...basics, ...ofProgram.checks];
  const isWell =
    checks.every(({ result }) => result !== 'failed') &&
    ofProgram.processes.every(({ state, problem }) => state === 'aside' || problem === undefined);
  return { checks, processes: ofProgram.processes, status: command.length > 0 ? undefined : status, isWell };
}

interface ProgramExamination {
  readonly checks: readonly Check[];
  readonly processes: readonly Diagnosis[];
}

async function programOf(
  command: readonly string[],
  { seconds }: DoctorOptions,
  installation: Installation,
): Promise<ProgramExamination> {
  const watched = await watchCommand(command, seconds * MS_PER_SECOND, installation);
  const expected = expectedOf(installation, watched.socketPath);
  const processes = diagnoseAll(watched.processes, watched.seen, expected);
  return { checks: programChecks(watched, processes), processes };
}

/** What belongs to the running wiretime: what it started, and what names its socket. */
function recorded(
  running: RunningState | undefined,
  status: StatusAnswer | undefined,
  installation: Installation,
): readonly Diagnosis[] {
  const { socketPath, pid } = running ?? {};
  if (socketPath === undefined || status?.isLive !== true) return [];
  const processes = descendants(
    listProcesses(),
    ({ parent, env }) => parent === pid || env?.['WIRETIME_SOCKET'] === socketPath,
  );
  return diagnoseAll(processes, status.processes, expectedOf(installation, socketPath));
}

function versionChecks(
  running: RunningState | undefined,
  status: StatusAnswer | undefined,
  { version }: Installation,
): readonly Check[] {
  if (running === undefined || status?.isLive !== true || status.version === version) return [];
  const detail = `the one that runs is ${status.version}, this is ${version}. Restart it, and the programs that joined it`;
  return [{ name: 'Version', result: 'failed', detail }];
}

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
