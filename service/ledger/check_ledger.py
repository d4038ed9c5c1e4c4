# SPDX-License-Identifier: Apache-2.0
"""Check an exported photo record on your own computer. Needs Python 3.9 or newer and nothing else.

    python check_ledger.py EXPORT-FOLDER                      check everything
    python check_ledger.py EXPORT-FOLDER 12345 67890 ...      and look for an old fingerprint

Type the twelve groups of five digits from YOUR OWN paper copy of the last report. The program
shares no line with the school's: it reads the record's lines, computes the hash tree (RFC 6962),
checks the signatures (Ed25519, RFC 8032; C2SP signed notes) and says what it found. Exit code 0:
all is well. 4: something is not. 2: it could not look.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
BASE_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)
D = -121665 * pow(121666, P - 2, P) % P
DIGITS = 60
KEY_BYTES = 32


class NoExportError(Exception):
    """The export cannot be read."""


def _x_of(y: int, sign: int) -> "int | None":
    """Return the x of a point of the curve (RFC 8032 section 5.1.3); None: there is none."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def _point(data: bytes) -> "tuple[int, int, int, int] | None":
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x = _x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def _add(one: "tuple[int, ...]", two: "tuple[int, ...]") -> "tuple[int, ...]":
    """Add two points (RFC 8032 section 5.1.4)."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number: int, point: "tuple[int, ...]") -> "tuple[int, ...]":
    total: tuple[int, ...] = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = _add(total, point)
        point, number = _add(point, point), number >> 1
    return total


def signature_is_good(key: bytes, text: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature (RFC 8032 section 5.1.7) is the key's over a text."""
    if (len(key), len(signature)) != (KEY_BYTES, 2 * KEY_BYTES):
        return False
    public, r = _point(key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if public is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % ORDER
    left, right = _times(s, BASE), _add(r, _times(k, public))
    return not (
        (left[0] * right[2] - right[0] * left[2]) % P
        or (left[1] * right[2] - right[1] * left[2]) % P
    )


class Tree:
    """The hash tree over the lines so far (RFC 6962 section 2.1)."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def add(self, line: bytes) -> None:
        """Add one line."""
        node, size = hashlib.sha256(b"\0" + line).digest(), self.size
        while size & 1:
            node = hashlib.sha256(b"\1" + self.peaks.pop() + node).digest()
            size >>= 1
        self.peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the root."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = hashlib.sha256(b"\1" + peak + root).digest()
        return root


def state_text(origin: str, size: int, root: bytes) -> str:
    """Return the text that is signed and that the fingerprint is made from."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def digits_of(text: str) -> str:
    """Return the 60 digits of a state's fingerprint."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def in_groups(digits: str) -> str:
    """Return digits in twelve groups of five."""
    return " ".join(digits[n : n + 5] for n in range(0, DIGITS, 5))


def keys_in(folder: Path) -> "dict[tuple[str, bytes], bytes]":
    """Return the public keys of keys.txt by name and key id."""
    keys = {}
    for line in (folder / "keys.txt").read_text("utf-8").split():
        name, _, rest = line.split("+", 2)
        data = base64.b64decode(rest)
        identifier = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
        keys[name, identifier] = data[1:]
    return keys


def take_apart(note: str) -> "tuple[str, list[tuple[str, bytes, bytes]]]":
    """Return the text of a signed note and its signatures: (name, key id, signature)."""
    text, _, below = note.rpartition("\n\n")
    found = []
    for line in below.splitlines():
        _dash, name, packed = line.split(" ")
        data = base64.b64decode(packed)
        found.append((name, data[:4], data[4:]))
    return text + "\n", found


class Record:
    """One computer's record as it lies in the export."""

    def __init__(self, folder: Path, keys: "dict[tuple[str, bytes], bytes]") -> None:
        self.name = folder.name
        self.tree = Tree()
        self.kinds: dict[str, int] = {}
        self.faults: list[str] = []
        self.found = -1
        self.named: list[tuple[int, str, int, str]] = []
        self.roots: dict[int, bytes] = {}
        self._folder = folder
        text, signatures = take_apart((folder / "checkpoint").read_text("utf-8"))
        self.origin, size, root = text.splitlines()
        self.size, self.promised = int(size), base64.b64decode(root)
        self.signed = any(
            (name, key) in keys and signature_is_good(keys[name, key], text.encode(), signature)
            for name, key, signature in signatures
        )

    def read(self, wanted: str, sizes: "set[int]") -> None:
        """Read every line; remember roots at some sizes, and where a fingerprint was reached."""
        self._reached(wanted, sizes)
        ids = set()
        for segment in sorted((self._folder / "entries").glob("*.jsonl")):
            with segment.open("rb") as lines:
                for line in lines:
                    entry = self._entry(line.rstrip(b"\n"))
                    if entry.get("id") in ids:
                        self.faults.append(f"entry {self.tree.size - 1} stands there twice")
                    ids.add(entry.get("id"))
                    self._reached(wanted, sizes)
        if (self.tree.size, self.tree.root()) != (self.size, self.promised):
            self.faults.append("its lines are not those of its signed total")
        if not self.signed:
            self.faults.append("its signed total is not signed by a key of keys.txt")

    def _entry(self, line: bytes) -> "dict[str, object]":
        number = self.tree.size
        self.tree.add(line)
        try:
            entry: dict[str, object] = json.loads(line)
            kind, body = str(entry["kind"]), entry["body"]
        except (ValueError, KeyError, TypeError):
            self.faults.append(f"entry {number} cannot be read")
            return {}
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        if kind == "ledger.witnessed" and isinstance(body, dict):
            claim = (number, str(body["ledger"]), int(body["entries"]), str(body["root"]))
            self.named.append(claim)
        return entry

    def _reached(self, wanted: str, sizes: "set[int]") -> None:
        size = self.tree.size
        if size in sizes:
            self.roots[size] = self.tree.root()
        if wanted and digits_of(state_text(self.origin, size, self.tree.root())) == wanted:
            self.found = size


def read_export(folder: Path, wanted: str) -> "list[Record]":
    """Return every record, read and checked.

    Raises:
        NoExportError: the folder is no export.
    """
    try:
        keys = keys_in(folder)
        places = sorted(path for path in (folder / "ledgers").iterdir() if path.is_dir())
        records = [Record(place, keys) for place in places]
        for record in records:
            record.read(wanted, set())
        named = [claim for record in records for claim in record.named]
        for place, record in enumerate(records):
            sizes = {size for _, name, size, _ in named if name == record.name}
            if sizes:
                records[place] = Record(places[place], keys)
                records[place].read(wanted, sizes)
    except (OSError, ValueError) as error:
        raise NoExportError(f"this folder is not an export of a photo record ({error})") from error
    return records


def broken_claims(records: "list[Record]", record: Record, until: int) -> "list[str]":
    """Return the records that no longer begin with what another one wrote down of them."""
    by_name = {one.name: one for one in records}
    newest = {name: (size, root) for number, name, size, root in record.named if number < until}
    return [
        name
        for name, (size, root) in newest.items()
        if name not in by_name or by_name[name].roots.get(size, b"").hex() != root
    ]


def report(records: "list[Record]", wanted: str) -> bool:
    """Print what was found and return whether all is well."""
    good = True
    for record in records:
        state = "agrees with its signed total" if not record.faults else "DOES NOT AGREE"
        print(f"Record {record.name}: {record.tree.size} entries; {state}.")
        for fault in record.faults[:20]:
            print(f"  {fault}")
        for kind, count in sorted(record.kinds.items()):
            print(f"  {count:>9} {kind}")
        text = state_text(record.origin, record.tree.size, record.tree.root())
        print(f"  fingerprint now: {in_groups(digits_of(text))}")
        good = good and not record.faults
    for record in records:
        for name in broken_claims(records, record, record.tree.size):
            print(f"Record {name} is NOT what record {record.name} wrote down of it.")
            good = False
    return _report_search(records, wanted) and good if wanted else good


def _report_search(records: "list[Record]", wanted: str) -> bool:
    for record in records:
        if record.found >= 0:
            broken = broken_claims(records, record, record.found)
            print(f"FOUND: your fingerprint is the first {record.found} entries of {record.name}.")
            print(f"Everything before it is unchanged: {'yes' if not broken else 'NO'}.")
            return not broken
    print(f"NOT FOUND: {in_groups(wanted)} is not in this record.")
    print("The record was changed before that report, or a digit was mistyped.")
    return False


def main(words: "list[str]") -> int:
    """Check an export folder; return the exit code."""
    if not words or words[0].startswith("-"):
        print(__doc__)
        return 2
    wanted = "".join(c for c in "".join(words[1:]) if c.isdigit())
    if words[1:] and len(wanted) != DIGITS:
        print("A fingerprint has twelve groups of five digits.")
        return 2
    try:
        records = read_export(Path(words[0]), wanted)
    except NoExportError as error:
        print(error)
        return 2
    return 0 if report(records, wanted) else 4


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
