// The backend under test. In: modules however they were loaded, WIRETIME_TEST_SERVERS, the name of a workload. Out: an HTTP server whose
// `/request/17` runs the workload with the marker RQ17Q in every operation. Knows nothing of the agent.

import { createServer } from 'node:http';
import { WORKLOADS } from './workloads.mjs';

export async function serve(name, modules) {
  const servers = JSON.parse(process.env.WIRETIME_TEST_SERVERS);
  const [driver, ...others] = modules.map((module) => module.default ?? module);
  const handle = await WORKLOADS[name].setup(driver, servers, ...others);
  const server = createServer((request, response) => {
    if (request.url === '/stop') {
      response.end('stopping', () => process.exit(0));
      return;
    }
    answer(handle, request, response);
  });
  server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
}

async function answer(handle, request, response) {
  try {
    await handle(`RQ${request.url.split('/').at(-1)}Q`);
    response.end('ok');
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error?.stack ?? error));
  }
}
