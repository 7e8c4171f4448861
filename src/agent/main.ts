// The agent's beginning, loaded with --require before the application. In: the environment (WIRETIME_SOCKET, WIRETIME_BUFFER,
// WIRETIME_SERVICE, WIRETIME_DISABLED). Out: patches in place, or nothing at all. Never throws.

import { startClock } from './clock.ts';
import { installEmitterInit } from './emitter-init.ts';
import { activate, fail } from './guard.ts';
import { installHints } from './hints/install.ts';
import { installLater, laterPart, loadLater } from './later/later.ts';
import { installNetworkPatches } from './patches/install.ts';
import { onProcessEnd } from './process-end.ts';
import { reasonToStayOut } from './process-role.ts';
import { startRecorder } from './recorder.ts';
import { installRoutes } from './routes/install.ts';
import { Sink } from './sending/sink.ts';

/** Batches that wait for a slow collector: 42 of 96 KiB. */
const DEFAULT_BUFFER_BYTES = 4 * 1024 * 1024;
const LOADED = Symbol.for('wiretime.agent');

function start(): void {
  if (reasonToStayOut() !== undefined || LOADED in process) return;
  Object.defineProperty(process, LOADED, { value: true });
  activate(() => undefined);
  installNetworkPatches(beginRecording);
  installHints();
  installLater();
  installRoutes();
  installEmitterInit();
}

/** The application has begun to use the network. */
function beginRecording(): void {
  startClock();
  const sink = new Sink(process.env['WIRETIME_SOCKET'] ?? '', bufferBytes());
  startRecorder(sink.writer, sink);
  activate((error) => sink.stop({ reason: 'disabled', error: String(error) }));
  const endProfile = process.env['WIRETIME_PROFILE'] === '1' ? beginProfile() : undefined;
  onProcessEnd(() => {
    endProfile?.();
    sink.finish({ reason: 'exit' });
  });
}

/** For who has asked for it. */
function beginProfile(): (() => void) | undefined {
  loadLater();
  return laterPart?.startProfile();
}

function bufferBytes(): number {
  const asked = Number(process.env['WIRETIME_BUFFER']);
  return asked > 0 ? asked : DEFAULT_BUFFER_BYTES;
}

try {
  start();
} catch (error) {
  fail(error);
}
