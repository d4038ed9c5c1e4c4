# SPDX-License-Identifier: Apache-2.0
"""A real Windows CPython under Wine, put together from packages alone; for tests, never shipped.

The interpreter is the python.org build of `python3XX.dll` with its extension modules, as the
`panda3d` wheel for Windows carries them; the pure Python of the standard library is this
interpreter's own. `python.exe` is four lines of C; `python3.dll` and `bcryptprimitives.dll`, which
Wine 8 lacks, are forwarders. What the station needs comes from `requirements.lock`, with digests.

Everything is kept in the user's cache folder and made again when recipe, lock or Python changes.
Rule: whatever starts under Wine gets pipes, a time limit and a server that is ended afterwards.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pip
from packaging.markers import Marker

REPOSITORY: Final = Path(__file__).resolve().parents[2]
COMPILER: Final = "x86_64-w64-mingw32-gcc"
_DUMP: Final = "x86_64-w64-mingw32-objdump"
_NEEDED: Final = ("wine", "wineserver", COMPILER, _DUMP)
_MINOR: Final = f"{sys.version_info.major}{sys.version_info.minor}"
_VERSION: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
# The wheel whose Windows libraries are the interpreter; any newer one would do as well.
_INTERPRETER: Final = "panda3d==1.10.16"
_TEST_TOOLS: Final = ("pytest", "pytest-timeout", "hypothesis")
_UNUSED_SECONDS: Final = 86_400.0
_LAUNCHER: Final = """\
#include <windows.h>
int wmain(int count, wchar_t **words) {
  HMODULE library = LoadLibraryW(L"python%s.dll");
  if (!library) return 111;
  int (*run)(int, wchar_t **) = (void *)GetProcAddress(library, "Py_Main");
  return run ? run(count, words) : 112;
}
"""
_STUB: Final = (
    "int __stdcall DllMain(void *a, unsigned b, void *c) { (void)a; (void)b; (void)c; return 1; }\n"
)
_RANDOM: Final = """\
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);
__declspec(dllexport) BOOL ProcessPrng(PBYTE buffer, SIZE_T length) {
  return SystemFunction036(buffer, (ULONG)length);
}
"""

# Wine 8 has no complex arithmetic in its C library, and numpy asks for it as it is imported: what
# is absent comes from the compiler's own library, the rest is forwarded to Wine's.
_MATH: Final = b"api-ms-win-crt-math-l1-1-0.dll"
_OUR_MATH: Final = b"our-ms-win-crt-math-l1-1-0.dll"
_COMPLEX: Final = re.compile(
    r"(?:c(?:arg|cosh?|exp|imag|pow|real|sinh?|tanh?|acosh?|asinh?|atanh?|log|proj|sqrt)|conj)[fl]?"
    r"|cabs[fl]"
)


def missing_tools() -> list[str]:
    """Return the programs that are not here."""
    return [name for name in _NEEDED if shutil.which(name) is None]


@dataclass(frozen=True)
class Done:
    """How a Windows program ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class WinePython:
    """A Windows Python in a Wine prefix of its own."""

    python: Path
    prefix: Path

    @property
    def drive(self) -> Path:
        """The folder that Windows calls C:."""
        return self.prefix / "drive_c"

    def run(self, *words: str, seconds: float = 180, folder: Path | None = None) -> Done:
        """Run the Windows Python and wait for it."""
        return self.start_program(str(self.python), *words, seconds=seconds, folder=folder)

    def start_program(self, *words: str, seconds: float = 180, folder: Path | None = None) -> Done:
        """Run any Windows program and wait for it."""
        process = subprocess.Popen(
            ["wine", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder or self.prefix,
            env=self._environment(),
        )
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.end()  # Wine's helpers hold the pipes: without this the waiting has no end
            process.kill()
            process.communicate(timeout=60)
            raise
        return Done(
            process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")
        )

    def end(self) -> None:
        """End what still runs in this prefix."""
        subprocess.run(["wineserver", "-k"], env=self._environment(), check=False, timeout=60)

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {
            "WINEPREFIX": str(self.prefix),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
        }


@contextmanager
def wine_python(prefix: Path) -> Iterator[WinePython]:
    """Make a Wine prefix with the Windows Python in it; end everything in it afterwards."""
    built = _built()
    machine = WinePython(built / "python.exe", prefix)
    prefix.mkdir(parents=True)
    try:
        started = machine.start_program("wineboot", "--init", seconds=300)
        if started.code != 0:
            raise RuntimeError(f"Wine does not start: {started.err[-300:]}")
        machine.start_program("winecfg", "-v", "win10")
        yield machine
    finally:
        machine.end()


def _built() -> Path:
    """Return the folder of the interpreter; build it if this recipe has not been built here."""
    import fcntl  # noqa: PLC0415 - this module runs where Wine does

    recipe = Path(__file__).read_bytes() + (REPOSITORY / "requirements.lock").read_bytes()
    key = hashlib.sha256(recipe + sys.version.encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "photowarden-tests"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        target = cache / f"windows-python-{key}"
        if not target.exists():
            for older in cache.glob("windows-python-*"):
                if older.stat().st_mtime < time.time() - _UNUSED_SECONDS:
                    shutil.rmtree(older)
            with tempfile.TemporaryDirectory(dir=cache) as work:
                _build(Path(work))
                (Path(work) / "python").rename(target)
    return target


def _build(work: Path) -> None:
    home = work / "python"
    (home / "DLLs").mkdir(parents=True)
    _pip("download", "--no-deps", "-d", str(work), _INTERPRETER)
    with zipfile.ZipFile(next(work.glob("panda3d*.whl"))) as wheel:
        for name in wheel.namelist():
            folder, _, file = name.rpartition("/")
            if folder.endswith("deploy_libs") and file.endswith((".dll", ".pyd")):
                in_root = file.startswith(("python", "VCRUNTIME"))
                place = home / file if in_root else home / "DLLs" / file
                if not file.startswith("api-ms-win"):
                    place.write_bytes(wheel.read(name))
    _copy_library(home / "Lib")
    _compile(work, home)
    _install(work, home / "Lib" / "site-packages")
    _complete_math(work, home)


def _complete_math(work: Path, home: Path) -> None:
    names, libraries = set[str](), []
    for path in (home / "Lib" / "site-packages").rglob("*"):
        if path.suffix in (".pyd", ".dll") and _MATH in (content := path.read_bytes()):
            told = _ran(_DUMP, "-p", str(path)).partition(f"DLL Name: {_MATH.decode()}")[2]
            names |= set(
                re.findall(r"^\t[0-9a-f]+\s+\d+\s+(\w+)$", told.partition("\n\n")[0], re.MULTILINE)
            )
            libraries.append((path, content))
    (work / "math.c").write_text(_STUB)
    ours = {name for name in names if _COMPLEX.fullmatch(name)}
    lines = [f"  {name}" if name in ours else f"  {name} = ucrtbase.{name}" for name in names]
    name = _OUR_MATH.decode()
    (work / "math.def").write_text(f"LIBRARY {name}\nEXPORTS\n" + "\n".join(sorted(lines)) + "\n")
    wanted = [f"-Wl,-u,{name}" for name in sorted(ours)]
    _ran(
        *(COMPILER, "-shared", "-static-libgcc", "-o", str(home / name)),
        *(str(work / "math.c"), str(work / "math.def")),
        *wanted,
    )
    for path, content in libraries:
        path.write_bytes(content.replace(_MATH, _OUR_MATH))


def _copy_library(target: Path) -> None:
    skipped = shutil.ignore_patterns(
        "__pycache__",
        "lib-dynload",
        "test",
        "tests",
        "site-packages",
        "dist-packages",
        "idlelib",
        "turtledemo",
        "config-*",
        "_sysconfigdata*",
        "sitecustomize.py",
    )
    shutil.copytree(sysconfig.get_path("stdlib"), target, ignore=skipped)


def _compile(work: Path, home: Path) -> None:
    library = f"python{_MINOR}"
    (work / "launch.c").write_text(_LAUNCHER % _MINOR)
    (work / "stub.c").write_text(_STUB)
    (work / "random.c").write_text(_RANDOM)
    exports = _ran(_DUMP, "-p", str(home / f"{library}.dll")).partition(
        "[Ordinal/Name Pointer] Table"
    )[2]
    names = re.findall(r"\] (?:\+base\[ *\d+\] +[0-9a-f]+ )?(_?Py\w+)", exports)
    if len(names) < 1000:
        raise RuntimeError(f"{library}.dll exports {len(names)} names only")
    lines = "\n".join(f"  {name} = {library}.{name}" for name in names)
    (work / "python3.def").write_text(f"LIBRARY python3\nEXPORTS\n{lines}\n")
    _ran(COMPILER, "-O1", "-municode", "-o", str(home / "python.exe"), str(work / "launch.c"))
    _ran(
        *(COMPILER, "-shared", "-nostdlib", "-Wl,-e,DllMain", "-o", str(home / "python3.dll")),
        *(str(work / "stub.c"), str(work / "python3.def")),
    )
    _ran(
        *(COMPILER, "-shared", "-o", str(home / "bcryptprimitives.dll")),
        *(str(work / "random.c"), "-ladvapi32"),
    )


def _install(work: Path, packages: Path) -> None:
    """Download the station's wheels for Windows; install them and the test tools, and pip."""
    packages.mkdir(parents=True)
    wheels = work / "python" / "wheels"
    for lock, only in (("requirements.lock", None), ("requirements-test.lock", _TEST_TOOLS)):
        file = work / lock
        file.write_text(_for_windows((REPOSITORY / lock).read_text("utf-8"), only))
        hashed = ("--no-deps", "--require-hashes", "-r", str(file))
        _pip("download", *hashed, "-d", str(wheels))
        _pip("install", *hashed, "--no-index", "-f", str(wheels), "--target", str(packages))
    shutil.copytree(Path(pip.__file__).parent, packages / "pip")
    for library in (packages / "pywin32_system32").glob("*.dll"):
        shutil.copy(library, packages.parents[1])


def _for_windows(lock: str, only: Sequence[str] | None) -> str:
    """Return a lock's blocks that count on Windows, without their markers."""
    kept = []
    for block in re.split(r"\n(?=[a-z0-9])", lock):
        head, _, rest = block.partition("\n")
        name, marker = re.match(r"([a-z0-9_.-]+)==", head), re.search(r" ; (.*?) \\$", head)
        if name is None or (only is not None and name.group(1) not in _with_needs(only)):
            continue
        if marker is None or Marker(marker.group(1)).evaluate(_WINDOWS):
            plain = head if marker is None else head.replace(f" ; {marker.group(1)}", "")
            kept.append(f"{plain}\n{rest}")
    return "\n".join(kept)


def _with_needs(tools: Sequence[str]) -> frozenset[str]:
    return frozenset(tools) | {
        "iniconfig",
        "pluggy",
        "packaging",
        "pygments",
        "colorama",
        "sortedcontainers",
    }


_WINDOWS: Final = {
    "sys_platform": "win32",
    "platform_system": "Windows",
    "os_name": "nt",
    "platform_python_implementation": "CPython",
    "implementation_name": "cpython",
    "python_full_version": f"{_VERSION}.9",
    "python_version": _VERSION,
}


def _pip(command: str, *words: str) -> None:
    platform = ("--platform", "win_amd64", "--python-version", _VERSION, "--implementation", "cp")
    _ran(
        *(sys.executable, "-m", "pip", command, "-q", "--disable-pip-version-check"),
        *(*platform, "--only-binary=:all:", *words),
    )


def _ran(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]} failed: {done.stderr[-800:]}")
    return done.stdout
