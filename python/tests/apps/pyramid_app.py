from pyramid.config import Configurator
from pyramid.response import Response
from work import work


def page(request):
    request.body  # noqa: B018
    return Response(work(request.matchdict["how"], request.matchdict["name"]))


with Configurator() as config:
    config.add_route("page", "/{how}/{name}")
    config.add_view(page, route_name="page")
    app = config.make_wsgi_app()
