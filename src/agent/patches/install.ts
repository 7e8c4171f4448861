// When to patch. In: the first socket or server that is being constructed, seen through `EventEmitter.init`. Out: the network layer patched
// before a byte flows, in CommonJS and ESM alike, and without the agent ever loading a module of Node's network layer.

import type { Server } from 'node:net';
import { onNewPrototype, type InstanceHook } from '../emitter-init.ts';
import { ownerOf } from '../hook.ts';
import { recognizeChildProcess } from './child-process.ts';
import { noteTlsSocket } from './connections.ts';
import { installNet } from './net.ts';
import { installServer } from './server.ts';

let isInstalled = false;
let begin: () => void = () => undefined;

/** `onNetwork` is called once, when the application has begun to use the network. */
export function installNetworkPatches(onNetwork: () => void): void {
  begin = onNetwork;
  onNewPrototype(recognizeChildProcess);
  onNewPrototype((prototype) => {
    if (!isSocket(prototype) && !isServer(prototype)) return undefined;
    beginNetwork();
    if (isServer(prototype)) patchOver(prototype);
    return isTlsSocket(prototype) ? noteTlsInstance : undefined;
  });
}

/** Later calls do nothing. Also for what the application makes in order to use the network: a pool of connections comes before the first socket. */
export function beginNetwork(): void {
  if (isInstalled) return;
  isInstalled = true;
  const { Socket, Server } = process.getBuiltinModule('node:net');
  installNet(Socket.prototype);
  installServer(Server.prototype);
  begin();
}

/**
 * Somebody has put an `emit` of their own on a server's class, `http.Server` for one, before we came: it calls what was below then, and not us
 * (pm2 in cluster mode does so). Events that come by both patches are the same.
 */
function patchOver(prototype: object): void {
  const { prototype: base } = process.getBuiltinModule('node:net').Server;
  const owner = ownerOf(prototype, 'emit');
  if (owner !== undefined && owner !== base && base.isPrototypeOf(owner)) installServer(owner as Server);
}

const noteTlsInstance: InstanceHook = (socket) => noteTlsSocket(socket);

function isSocket(prototype: object): boolean {
  return '_writeGeneric' in prototype && 'setKeepAlive' in prototype;
}

function isServer(prototype: object): boolean {
  return 'listen' in prototype && 'getConnections' in prototype;
}

function isTlsSocket(prototype: object): boolean {
  return isSocket(prototype) && 'isSessionReused' in prototype && 'getPeerCertificate' in prototype;
}
