// The agent's beginning, loaded with --require. In: the environment. Out: patches in place, or nothing at all.

import { installEmitterInit } from './emitter-init.ts';
import { installHints } from './hints/install.ts';

installHints();
installEmitterInit();
