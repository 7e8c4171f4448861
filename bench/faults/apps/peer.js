// A service of somebody else, as the apps see it. In: any request; ?ms how long it takes, ?status, ?bytes, ?hang for no answer at all.
// Out: one line "peer listening PORT".

import http from 'node:http';

const server = http.createServer((request, response) => {
  const { searchParams } = new URL(request.url, 'http://peer');
  request.resume();
  request.once('end', () => {
    if (searchParams.has('hang')) return;
    const answer = () => {
      response.statusCode = Number(searchParams.get('status') ?? 200);
      response.end('x'.repeat(Number(searchParams.get('bytes') ?? 20)));
    };
    setTimeout(answer, Number(searchParams.get('ms') ?? 4));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(`peer listening ${server.address().port}`));
