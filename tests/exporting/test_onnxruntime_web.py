import base64
import hashlib
import io
import shutil
import sys
import tarfile

import pytest

from dcgan_jax.errors import UserError
from dcgan_jax.exporting import onnxruntime_web
from dcgan_jax.exporting.onnxruntime_web import read_runtime

CONTENT = {"ort.wasm.min.mjs": b"export {}", "other.mjs": b"export {};", "other.wasm": b"\0asm"}


@pytest.fixture(autouse=True)
def small_package(own_caches, monkeypatch):
  """Three small files in the place of those that are published, and an empty cache."""
  known = {name: hashlib.sha256(data).hexdigest() for name, data in CONTENT.items()}
  monkeypatch.setattr(onnxruntime_web, "_FILES", known)
  monkeypatch.setattr(onnxruntime_web, "_INTEGRITY", integrity(packed(CONTENT)))


def packed(content):
  """A package as npm packs it."""
  buffer = io.BytesIO()
  with tarfile.open(fileobj=buffer, mode="w") as archive:
    for name, data in {"README.md": b"", **content}.items():
      member = tarfile.TarInfo(f"package/dist/{name}")
      member.size = len(data)
      archive.addfile(member, io.BytesIO(data))
  return buffer.getvalue()


def integrity(package):
  return f"sha512-{base64.b64encode(hashlib.sha512(package).digest()).decode()}"


@pytest.fixture
def npm(tmp_path, monkeypatch):
  """Gives the only npm there is a package to bring."""

  def bring(package):
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    (tmp_path / "brought.tgz").write_bytes(package)
    script = f"import shutil, sys; shutil.copy({str(tmp_path / 'brought.tgz')!r}, sys.argv[-1])"
    (folder / "npm").write_text(f"#!{sys.executable}\n{script}\n")
    (folder / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))

  return bring


def write_package(folder):
  folder.mkdir(parents=True)
  for name, data in CONTENT.items():
    (folder / name).write_bytes(data)


@pytest.mark.parametrize("place", [".", "dist", "package/dist"])
def test_a_folder_may_be_the_package_or_its_dist_or_what_was_unpacked(tmp_path, place):
  write_package(tmp_path / "brought" / place)
  assert read_runtime(tmp_path / "brought") == CONTENT


def test_a_folder_needs_no_npm_and_leaves_nothing_in_the_cache(tmp_path, monkeypatch):
  monkeypatch.setenv("PATH", "")
  write_package(tmp_path / "brought")
  read_runtime(tmp_path / "brought")
  assert not (tmp_path / "cache").exists()


def test_a_file_that_is_not_the_published_one_is_refused(tmp_path):
  write_package(tmp_path / "brought")
  (tmp_path / "brought" / "other.mjs").write_bytes(b"export {}; // and more")
  with pytest.raises(UserError, match=r"--runtime=.*brought: other.mjs is not the one of onnxr"):
    read_runtime(tmp_path / "brought")


def test_a_folder_of_something_else_is_told(tmp_path):
  with pytest.raises(UserError, match=r"no ort.wasm.min.mjs in it or its dist/"):
    read_runtime(tmp_path)
  with pytest.raises(UserError, match=r"no ort.wasm.min.mjs in it or its dist/"):
    read_runtime(tmp_path / "none")


def test_a_file_that_is_missing_is_named(tmp_path):
  write_package(tmp_path / "brought")
  (tmp_path / "brought" / "other.wasm").unlink()
  with pytest.raises(UserError, match=r"other\.wasm: No such file"):
    read_runtime(tmp_path / "brought")


def test_what_npm_brings_is_kept(npm, monkeypatch):
  npm(packed(CONTENT))
  assert read_runtime(None) == CONTENT
  monkeypatch.setenv("PATH", "")  # no npm any more
  assert read_runtime(None) == CONTENT


def test_what_was_damaged_in_the_cache_is_fetched_anew(npm, tmp_path):
  npm(packed(CONTENT))
  read_runtime(None)
  (kept,) = tmp_path.glob("cache/**/other.wasm")
  kept.write_bytes(b"\0asn")
  assert read_runtime(None) == CONTENT
  assert kept.read_bytes() == b"\0asm"


def test_another_package_under_the_same_name_is_refused(npm, tmp_path):
  npm(packed({**CONTENT, "more.mjs": b""}))
  with pytest.raises(UserError, match=r"is not the published package(.|\n)*--runtime=DIR"):
    read_runtime(None)
  assert not list(tmp_path.glob("cache/**/*.wasm"))


def test_without_npm_the_message_says_what_to_bring(monkeypatch):
  monkeypatch.setenv("PATH", "")
  with pytest.raises(UserError, match=r"npm is not installed(.|\n)*--runtime=DIR"):
    read_runtime(None)


def test_what_npm_says_is_passed_on_without_its_traceback(npm, tmp_path):
  npm(b"")
  said = "npm error code ENOTFOUND\nnpm error     at Socket (node:1)\n"
  (tmp_path / "bin" / "npm").write_text(
    f"#!{sys.executable}\nimport sys; print({said!r}, file=sys.stderr); sys.exit(1)\n"
  )
  with pytest.raises(UserError, match=r"npm error code ENOTFOUND(.|\n)*--runtime=DIR") as caught:
    read_runtime(None)
  assert "Socket" not in str(caught.value)


def test_a_cache_that_cannot_be_written_is_named(npm, tmp_path):
  npm(packed(CONTENT))
  (tmp_path / "cache").write_text("")
  with pytest.raises(UserError, match=r"cache.*: cannot be written"):
    read_runtime(None)


@pytest.mark.slow
def test_the_published_package_is_the_one_that_is_expected(monkeypatch):
  monkeypatch.undo()  # the files and the integrity that users get; and their npm
  monkeypatch.setattr(onnxruntime_web, "_sound", lambda folder: None)
  monkeypatch.setattr(onnxruntime_web, "_keep", lambda content: content)
  if shutil.which("npm") is None:
    pytest.skip("npm is not installed")
  try:
    files = read_runtime(None)
  except UserError as error:
    if "could not fetch" not in str(error):
      raise
    pytest.skip("npm reaches no registry")
  assert files["ort-wasm-simd-threaded.wasm"].startswith(b"\0asm")
  assert b"ONNX Runtime Web v1.30.0" in files["ort.wasm.min.mjs"]
