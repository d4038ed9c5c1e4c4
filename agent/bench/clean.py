# SPDX-License-Identifier: Apache-2.0
"""Measure cleaning beside exiftool, mat2, Pillow and a plain copy, on the same files, in one run.

Each file hides one word in every place that its kind has for words. What counts is how many
places still hold it, whether the picture or the film is still the same, and the time. Ours is
measured twice: in this process, as the agent does it, and as a command of its own.
"""

import hashlib
import io
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from PIL import Image

from agent.demo import school
from agent.demo.exif_block import exif_block
from agent.demo.recording import Film, write_film
from agent.media import cleaning
from agent.media.child import Child

_PICTURE: Final = (4000, 3000)
_FILM_BYTES: Final = 120_000_000
_ROUNDS: Final = 5
_SUFFIXES: Final = {"JPEG": ".jpg", "HEIC": ".heic", "MOV": ".mov"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way over one file: seconds, places that still hold the word, whether it is the same."""

    file: str
    way: str
    seconds: float
    places_left: int
    same: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One file: its kind, where it lies, how many places hold its word, what must stay."""

    kind: str
    path: Path
    word: bytes
    places: int
    content: str


def make_files(folder: Path) -> list[Planted]:
    """Write the files; a HEIC only where pillow-heif is installed, as it is for the tests."""
    picture = Image.effect_noise(_PICTURE, 30).convert("RGB")
    files = [_jpeg(folder, picture), _film(folder, picture)]
    heic = _heic(folder, picture)
    return files if heic is None else [files[0], heic, files[1]]


def _says(word: bytes) -> bytes:
    camera = replace(school.CANON, owner=word.decode(), serial=f"{word.decode()}1")
    return exif_block(replace(camera, thumbnail=_thumbnail(word)))


def _thumbnail(word: bytes) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (160, 120)).save(out, "JPEG", comment=word)
    return out.getvalue()


def _xmp(word: bytes) -> bytes:
    return (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
        b'syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:creator="'
        + word
        + b'"/></rdf:RDF></x:xmpmeta>'
    )


def _jpeg(folder: Path, picture: Image.Image) -> Planted:
    word, out = b"PLANTEDJPEG", io.BytesIO()
    exif = b"Exif\0\0" + _says(word)
    picture.save(out, "JPEG", quality=75, exif=exif, xmp=_xmp(word), comment=word)
    iptc = b"Photoshop 3.0\08BIM\4\4\0\0\0\0\0\x10\x1c\x02\x19\0\x0b" + word
    segment = b"\xff\xed" + (len(iptc) + 2).to_bytes(2, "big") + iptc
    data = out.getvalue()[:2] + segment + out.getvalue()[2:] + word
    return _planted(folder, "JPEG", word, data)


def _heic(folder: Path, picture: Image.Image) -> Planted | None:
    try:
        from pillow_heif import register_heif_opener  # noqa: PLC0415 - a package of the tests
    except ImportError:
        return None
    register_heif_opener()
    word, out = b"PLANTEDHEIC", io.BytesIO()
    picture.save(out, "HEIF", quality=60, exif=b"Exif\0\0" + _says(word), xmp=_xmp(word))
    return _planted(folder, "HEIC", word, out.getvalue())


def _film(folder: Path, picture: Image.Image) -> Planted:
    word, frame = b"PLANTEDFILM", io.BytesIO()
    picture.resize((1920, 1080)).save(frame, "JPEG", quality=90)
    frames = [frame.getvalue()] * (_FILM_BYTES // len(frame.getvalue()))
    film = Film(frames=frames, size=(1920, 1080), camera=school.IPAD, words=word)
    path = folder / "film.mov"
    with path.open("wb") as target:
        write_film(film, target)
    return replace(_planted(folder, "MOV", word, path.read_bytes()), path=path)


def _planted(folder: Path, kind: str, word: bytes, data: bytes) -> Planted:
    path = folder / f"file{_SUFFIXES[kind]}"
    path.write_bytes(data)
    return Planted(
        kind=kind, path=path, word=word, places=data.count(word), content=_content(kind, data)
    )


def _content(kind: str, data: bytes) -> str:
    """Return a digest of what must stay: the decoded pixels, or the film's coded frames."""
    if kind == "MOV":
        start = data.find(b"\xff\xd8\xff")
        end = data.rfind(b"\xff\xd9") + 2
        return hashlib.sha256(data[start:end]).hexdigest()
    with Image.open(io.BytesIO(data)) as picture:
        return hashlib.sha256(picture.convert("RGB").tobytes()).hexdigest()


def measure(file: Planted, folder: Path, child: Child) -> list[Row]:
    """Return a row for each way that this computer and this kind of file have."""
    rows = []
    for way, (rounds, work) in _ways(file, child).items():
        target = folder / f"out{file.path.suffix}"
        seconds, done = [], False
        for _ in range(rounds):
            target.unlink(missing_ok=True)
            start = time.perf_counter()
            done = work(target)
            seconds.append(time.perf_counter() - start)
        rows.append(_row(file, way, statistics.median(seconds), target if done else None))
    return rows


def _row(file: Planted, way: str, seconds: float, target: Path | None) -> Row:
    data = target.read_bytes() if target is not None and target.exists() else None
    if data is None:
        return Row(
            file=file.kind, way=f"{way} (refused)", seconds=seconds, places_left=0, same=None
        )
    same = _content(file.kind, data) == file.content
    return Row(
        file=file.kind, way=way, seconds=seconds, places_left=data.count(file.word), same=same
    )


Work = Callable[[Path], bool]


def _ways(file: Planted, child: Child) -> dict[str, tuple[int, Work]]:
    """Return each way's rounds and work; the quick ones are repeated and their median counts."""
    ways: dict[str, tuple[int, Work]] = {
        "plain copy": (_ROUNDS, lambda target: bool(shutil.copyfile(file.path, target))),
        "photowarden, in process": (_ROUNDS, lambda target: _ours(file.path, target, child)),
        "photowarden clean": (1, lambda target: _our_command(file.path, target)),
    }
    if shutil.which("exiftool"):
        ways["exiftool -all="] = (1, lambda target: _exiftool(file.path, target))
    if shutil.which("mat2"):
        ways["mat2"] = (1, lambda target: _mat2(file.path, target))
    if file.kind != "MOV":
        ways["Pillow, saved again"] = (1, lambda target: _pillow(file.path, target))
    return ways


def _ours(path: Path, target: Path, child: Child) -> bool:
    with path.open("rb") as source:
        surveyed = cleaning.survey(source)
        medium = cleaning.clean(surveyed, source, child)
        with target.open("wb") as out:
            out.writelines(medium.chunks())
    return True


def _our_command(path: Path, target: Path) -> bool:
    out = target.parent / "cleaned"
    command = [sys.executable, "-m", "agent.cli", "clean", str(path), "--out", str(out), "--json"]
    done = _run(command, cwd=Path(__file__).resolve().parents[2])
    for cleaned in out.iterdir():
        cleaned.replace(target)
    return done


def _exiftool(path: Path, target: Path) -> bool:
    return _run(["exiftool", "-q", "-m", "-all=", "-o", str(target), str(path)])


def _mat2(path: Path, target: Path) -> bool:
    """Run mat2, which writes beside its source under a name of its own."""
    copy = target.parent / f"mat2{path.suffix}"
    copy.symlink_to(path) if not copy.exists() else None
    cleaned = copy.with_name(f"mat2.cleaned{path.suffix}")
    if not _run(["mat2", str(copy)]) or not cleaned.exists():
        return False
    cleaned.replace(target)
    return True


def _pillow(path: Path, target: Path) -> bool:
    with Image.open(path) as picture:
        picture.save(target, picture.format, quality=90)
    return True


def _run(command: list[str], cwd: Path | None = None) -> bool:
    done = subprocess.run(command, capture_output=True, cwd=cwd, check=False)  # noqa: S603 - tools that the person has installed
    return done.returncode == 0
