# Django, WSGI (`application`) and ASGI (`asgi`), with one view that is blocking.

import sys

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.urls import include, path
from work import work, work_async

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="x", DEBUG=False)
django.setup()


def page(request, how, name):
    request.body  # noqa: B018
    return HttpResponse(work(how, name))


async def page_async(request, how, name):
    request.body  # noqa: B018
    return HttpResponse(await work_async(how, name))


urlpatterns = [
    path("<str:how>/<str:name>", page),
    path("deep/", include([path("<str:how>/<str:name>", page_async)])),
]
application = WSGIHandler()
asgi = ASGIHandler()

if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "runserver", "--noreload", sys.argv[1]])
