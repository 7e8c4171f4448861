// `wiretime doctor`: why do I see nothing? In: this machine, a data folder, perhaps a command. Out: a ladder of checks, and what is wrong
// with which process; 1 when something is. Each rung needs those before it: the first ✕ is the one to mend. Not here: what is wrong with a
// process (doctor/explain.ts).

import { Command, Option } from 'commander';

import type { StatusAnswer } from '../../answer/api.ts';
import type { Diagnosis } from '../doctor/explain.ts';
import { machineChecks, versionChecks } from '../doctor/machine-checks.ts';
import { descendants, listProcesses } from '../doctor/processes.ts';
import { diagnoseAll, expectedOf, programChecks } from '../doctor/program-checks.ts';
import { watchCommand } from '../doctor/watch.ts';
import { ExitCode } from '../failure.ts';
import type { Installation } from '../installation.ts';
import { dataOption, folderOf, parsePositive, type DataOptions } from '../options.ts';
import type { DataFolder } from '../session/data-folder.ts';
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
  const basics = await machineChecks(installation, folder, running);
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
