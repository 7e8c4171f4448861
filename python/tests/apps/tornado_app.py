import asyncio
import sys

import tornado.web
from work import work_async


class Page(tornado.web.RequestHandler):
    async def get(self, how, name):
        self.finish(await work_async(how, name))

    post = get


async def main():
    tornado.web.Application([(r"/(?P<how>\w+)/(?P<name>\w+)", Page)]).listen(int(sys.argv[1]), "127.0.0.1")
    await asyncio.Event().wait()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
