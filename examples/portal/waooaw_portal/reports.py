"""A route of the portal's own, beside Reflex's: portal.toml names it in app.backend_paths."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from waooaw_portal import settings


async def reports(request: Request) -> JSONResponse:
    """Answer what the backend sees of the request: scheme, host, client and environment."""
    return JSONResponse(
        {
            "environment": settings.environment(),
            "url": str(request.url.replace(query="")),
            "client": request.client.host if request.client else None,
        }
    )


routes = Starlette(routes=[Route("/reports/", reports)])
