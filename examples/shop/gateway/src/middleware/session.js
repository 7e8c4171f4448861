// Who is asking: the session behind the bearer token.

import { redis } from '../redis.js';

function tokenOf(req) {
  const header = req.get('authorization') ?? '';
  return header.startsWith('Bearer ') ? header.slice('Bearer '.length) : undefined;
}

export async function session(req, res, next) {
  const token = tokenOf(req);
  if (token === undefined) {
    res.status(401).json({ error: 'no session' });
    return;
  }

  const text = await redis.get(`sess:${token}`);
  if (text === null) {
    res.status(401).json({ error: 'session ended' });
    return;
  }
  req.token = token;
  req.session = JSON.parse(text);
  next();
}
