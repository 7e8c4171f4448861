// Which experiments this user takes part in.

import faults from '../../../faults.cjs';
import { redis } from '../redis.js';

export async function flags(req, res, next) {
  const known = faults.isFixed('duplicate-session');
  // Written before there was req.session, and never looked at again.
  const session = known ? req.session : JSON.parse(await redis.get(`sess:${req.token}`));
  req.flags = session.flags;
  next();
}
