"""Serves a page's folder to browsers of this machine, and to nobody else."""

import pathlib
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_HOSTS = ("127.0.0.1", "localhost")

_HEADERS = {
  # Isolated from other sites' pages, a page may share memory between threads.
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  # The next model at this address is another one.
  "Cache-Control": "no-cache",
}


class LocalServer(ThreadingHTTPServer):
  """Listens on 127.0.0.1 from the start; `serve_forever` answers."""

  def __init__(self, folder: pathlib.Path, port: int):
    """Args as follow.

    Args:
      folder: what is served; it may be filled later.
      port: 0 for any that is free.

    Raises:
      OSError: the port cannot be had.
    """
    super().__init__(("127.0.0.1", port), partial(_Handler, directory=str(folder)))

  @property
  def address(self) -> str:
    """What to open in a browser."""
    return f"http://127.0.0.1:{self.server_port}/"

  def handle_error(self, request: Any, client_address: Any) -> None:
    """Says nothing: what fails is a browser that has gone before its answer was written."""


class _Handler(SimpleHTTPRequestHandler):
  protocol_version = "HTTP/1.1"
  # A machine's own table of types may be short or wrong.
  extensions_map = {  # noqa: RUF012
    **SimpleHTTPRequestHandler.extensions_map,
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".md": "text/plain; charset=utf-8",
    ".onnx": "application/octet-stream",
  }

  def send_head(self) -> Any:
    # Another site's name may be made to lead here: it is the only sign that its page asks.
    host = self.headers.get("Host", "").rpartition(":")
    if (host[0] or host[2]) in _HOSTS:
      return super().send_head()
    self.send_error(HTTPStatus.FORBIDDEN, "Open this server as 127.0.0.1 or localhost")
    return None

  def list_directory(self, path: Any) -> None:
    self.send_error(HTTPStatus.NOT_FOUND)

  def end_headers(self) -> None:
    for name, value in _HEADERS.items():
      self.send_header(name, value)
    super().end_headers()

  def log_message(self, format: str, *arguments: Any) -> None:
    """Says nothing: the page tells what it lacks."""
