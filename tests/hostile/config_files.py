"""Hostile configs: no Python, no config, or Python that ends, fails or goes on without end."""

_GET = b"def get_config():\n  "
_CONFIG_DICT = b"from ml_collections import ConfigDict\n" + _GET
CONFIGS = {
  "binary": bytes(range(256)),
  "a zip": b"PK\3\4",
  "UTF-16": (_GET + b"pass").decode().encode("utf-16"),
  "Latin-1": b"x = '\xe9'\n",
  "nothing": b"",
  "a syntax error": b"def get_config(:",
  "too many brackets": b"x = " + b"(" * 100_000,
  "an exception": b"raise Exception",
  "an exception of 10 MB": b"raise ValueError('\\x1b[2J' + 'x' * 10**7)",
  "a TypeError": _GET + b"return 1 + 'a'",
  "a file that is not there": _GET + b"return open('/nowhere')",
  "no memory": _GET + b"raise MemoryError",
  "itself": _GET + b"return get_config()",
  "an exit": b"import sys\nsys.exit(7)",
  "an exit with words": _GET + b"import sys; sys.exit('no')",
  "a number": _GET + b"return 5",
  "a dict": _GET + b"return {'data': 5}",
  "a ConfigDict of a number": _CONFIG_DICT + b"return ConfigDict({'data': 5})",
  "a ConfigDict of an expression": _CONFIG_DICT + b"return ConfigDict({'data': {'expression': 5}})",
}
