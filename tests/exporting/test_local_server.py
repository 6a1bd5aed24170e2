import http.client
import threading

import pytest

from dcgan_jax.exporting.local_server import LocalServer


@pytest.fixture
def server(tmp_path):
  folder = tmp_path / "page"
  (folder / "sub").mkdir(parents=True)
  (folder / "index.html").write_text("<p>a page")
  for name in ("a.js", "a.wasm", "a.css", "a.json", "README.md"):
    (folder / name).write_text(name)
  (tmp_path / "secret.txt").write_text("not for the page")
  with LocalServer(folder, 0) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def ask(server, path, host="127.0.0.1", method="GET"):
  connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
  connection.putrequest(method, path, skip_host=True)
  if host is not None:
    connection.putheader("Host", host)
  connection.endheaders()
  response = connection.getresponse()
  body = response.read()
  connection.close()
  return response, body


def test_it_listens_to_this_machine_alone(server):
  assert server.server_address[0] == "127.0.0.1"
  assert server.address == f"http://127.0.0.1:{server.server_port}/"
  response, body = ask(server, "/")
  assert (response.status, body) == (200, b"<p>a page")


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000"])
def test_a_browser_may_call_it_by_either_name(server, host):
  assert ask(server, "/a.js", host)[0].status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
  "host",
  ["example.com", "example.com:8000", "localhost.example.com", "127.0.0.1.example", "", None],
)
def test_under_another_name_it_gives_nothing(server, host, method):
  response, body = ask(server, "/a.js", host, method)
  assert response.status == 403
  assert b"a.js" not in body


def test_pages_are_isolated_from_other_sites(server):
  response, _ = ask(server, "/a.js")
  assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
  assert response.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
  assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
  ("name", "kind"),
  [
    ("index.html", "text/html; charset=utf-8"),
    ("a.js", "text/javascript"),
    ("a.css", "text/css"),
    ("a.wasm", "application/wasm"),
    ("a.json", "application/json"),
    ("README.md", "text/plain; charset=utf-8"),
  ],
)
def test_a_file_is_sent_as_what_it_is(server, name, kind):
  assert ask(server, f"/{name}")[0].headers["Content-Type"] == kind


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/sub/", "/none.html"])
def test_neither_what_lies_outside_nor_a_list_of_files_is_sent(server, path):
  assert ask(server, path)[0].status == 404


def test_a_port_that_is_taken_is_an_error(server, tmp_path):
  with pytest.raises(OSError, match="in use"):
    LocalServer(tmp_path, server.server_port)


def test_it_says_nothing(server, capfd):
  ask(server, "/a.js")
  ask(server, "/none.html")
  assert capfd.readouterr() == ("", "")
