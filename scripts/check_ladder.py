#!/usr/bin/python3
"""Hold the source tree to the ladder of docs/design.md.

    check_ladder.py [ROOT]

Reads every .c and .h under kernels, grids and model and prints each breach as file:line: what is wrong and what is
allowed. Exit status 1 when there is one. The tables below are the rules.
"""
import re
import sys
from pathlib import Path

# Room: the rooms that its #include "..." lines may name, besides itself. "kernels" and "grids" stand for all their rooms.
BELOW = {
    "kernels/base": "",
    "kernels/*": "kernels/base",
    "grids/*": "kernels/base grids",
    "model/core": "kernels/base grids",
    "model/units": "kernels/base model/core",
    "model/config": "kernels/base grids/regions model/core model/units",
    "model/parallel": "kernels/base grids model/core",
    "model/state": "kernels/base grids model/core",
    "model/io": "kernels/base grids model/core model/units model/config model/parallel model/state",
    "model/met": "kernels grids model/core model/units model/config model/parallel model/io model/state",
    "model/emis": "kernels grids model/core model/units model/config model/parallel model/io model/state",
    "model/operators": "kernels grids model/core model/parallel model/state",
    "model/stepping": "kernels/base grids model/core model/parallel model/state model/operators",
    "model/bench": "kernels grids model/core model/parallel model/io model/state model/operators",
    "model/diag": "kernels grids model/core model/parallel model/state",
    "model/report": "kernels/base grids model/core model/config model/io model/diag",
    "model/evaluate": "kernels/base grids model/core model/units model/config model/io model/diag model/report",
    "model/run": "kernels grids model/core model/units model/config model/parallel model/io model/state model/met "
                 "model/emis model/operators model/stepping model/diag",
    "model/scenario": "kernels grids model/core model/units model/config model/parallel model/io model/state model/met "
                      "model/emis model/operators model/stepping model/diag model/run",
    "model/adjoint": "kernels grids model/core model/units model/config model/parallel model/io model/state model/met "
                     "model/emis model/operators model/stepping model/run",
    "model/commands": "kernels grids model",
    "model/main.c": "kernels grids model",
}
SHARED = {"kernels/column/strip.h"}  # a shape, not a room: any kernel may use it

# Headers of other people's libraries, each in one room.
LIBRARY = {
    "proj.h": "grids/projection",
    "geos_c.h": "grids/geometry",
    "libfyaml.h": "model/config",
    "netcdf.h": "model/io",
    "netcdf_par.h": "model/io",
    "hdf5.h": "model/io",
    "zlib.h": "model/io",
    "udunits2.h": "model/units",
    "omp.h": "model/parallel",
    "mpi.h": "model/parallel",
}
GENERATED = {"bs_version.h"}  # made by the build, for rooms of the model
STANDARD = set("assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg "
               "stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath time uchar wchar wctype".split())
VECTOR = {"xmmintrin", "pmmintrin", "immintrin"}
POSIX = set("dirent fcntl glob strings unistd sys/mman sys/resource sys/stat sys/statvfs sys/time sys/types sys/wait".split())
KERNEL_STANDARD = set("assert complex float limits math stdalign stdarg stdbool stddef stdint string tgmath".split())

# Words that a kernel may not call, and the one file that formats messages.
IMPURE = re.compile(r"\b(malloc|calloc|realloc|aligned_alloc|free|v?f?printf|v?sn?printf|puts|fputs|fopen|fread|fwrite|"
                    r"getenv|time|clock|rand|setlocale)\s*\(")
FORMATS_MESSAGES = "kernels/base/status.c"
IS_A_PROCESS = "model/parallel/ranks_mpi.c"  # MPI is started once in a process, and knows no context of ours
HANDLES_SIGNALS = "model/run/stop.c"  # a handler reaches what is at file scope alone
LEAVES = re.compile(r"\b(exit|_exit|_Exit|quick_exit|abort)\s*\(")

# Modules without a test of their own header: the test that runs them.
TESTED_THROUGH = {
    "kernels/base/isa.c": "tests/kernels/test_sweep.c",            # every instruction set against the plain one
    "kernels/advection/sweep_plain.c": "tests/kernels/test_sweep.c",
    "kernels/advection/sweep_avx2.c": "tests/kernels/test_sweep.c",
    "kernels/advection/sweep_avx512.c": "tests/kernels/test_sweep.c",
    "kernels/column/vdiff_plain.c": "tests/kernels/test_vdiff.c",
    "kernels/column/vdiff_avx2.c": "tests/kernels/test_vdiff.c",
    "kernels/column/vdiff_avx512.c": "tests/kernels/test_vdiff.c",
    "kernels/elliptic/multigrid_coarsen.c": "tests/kernels/test_elliptic2d.c",
    "kernels/elliptic/multigrid_steps.c": "tests/kernels/test_elliptic2d.c",
    "kernels/bench/peak_plain.c": "tests/kernels/test_peak.c",
    "kernels/bench/peak_avx2.c": "tests/kernels/test_peak.c",
    "kernels/bench/peak_avx512.c": "tests/kernels/test_peak.c",
    "grids/geometry/clip.c": "tests/grids/test_regrid.c",          # every conservative weight
    "grids/geometry/geometry.c": "tests/grids/test_regions.c",     # polygons cut by the mesh
    "grids/regions/overlay.c": "tests/grids/test_regions.c",
    "grids/projection/cf_mapping.c": "tests/model/test_output_cf.c",
    "grids/regrid/axis.c": "tests/grids/test_regrid.c",
    "grids/regrid/bilinear.c": "tests/grids/test_regrid.c",
    "grids/regrid/weights.c": "tests/grids/test_regrid.c",
    "grids/regrid/lonlat.c": "tests/grids/test_regrid.c",
}


def bare(text):
    """The source without comments and the insides of strings, line for line."""
    def blank(m):
        kept = m.group(0)
        edge = '""' if kept[0] == '"' else "' '" if kept[0] == "'" else " "
        return edge + "\n" * kept.count("\n")
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def room_of(path):
    return "/".join(path.split("/")[:2])


def allowed_rooms(room):
    return BELOW[room if room in BELOW else room.split("/")[0] + "/*"].split()


def may_include(room, target):
    there = room_of(target)
    if there == room or target in SHARED and room.startswith("kernels/"):
        return True
    return any(there == r or there.startswith(r + "/") for r in allowed_rooms(room))


def check_include(path, room, kind, target):
    """What is wrong with one #include line, or None."""
    kernel = room.startswith("kernels/")
    if kind == "<":
        if target in LIBRARY:
            if room != LIBRARY[target]:
                return f"<{target}> is allowed in {LIBRARY[target]} only"
            return None
        name = target[:-2] if target.endswith(".h") else target
        if kernel and room != "kernels/base":
            if name not in KERNEL_STANDARD | VECTOR:
                return f"<{target}> in a kernel; allowed: {', '.join(sorted(KERNEL_STANDARD | VECTOR))}"
        elif name not in STANDARD | VECTOR | (POSIX if room.startswith("model/") else set()):
            return (f"<{target}> is not in this script's lists: C standard, POSIX for model/, or a library with its own "
                    f"room ({', '.join(LIBRARY)})")
        return None
    if target in GENERATED:
        return None if room.startswith("model/") else f'"{target}" is for model/ only'
    if "/" not in target:
        if (path.parent / target).is_file():
            return None
        return f'"{target}" is not beside this file; includes are written from the root of the repository'
    if target.split("/")[0] not in ("kernels", "grids", "model"):
        return f'"{target}": only kernels/, grids/ and model/ are included'
    if not may_include(room, target):
        return f'"{target}": {room} may include itself, {", ".join(allowed_rooms(room)) or "nothing else"}'
    return None


def file_scope(code):
    """(line, declaration) of each statement outside all braces; what was in braces is {}."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: "\n" * m.group(0).count("\n"), code, flags=re.M)
    depth, text, line, start = 0, "", 1, 1
    for c in code:
        line += c == "\n"
        if depth == 0 and not text.strip():
            text, start = "", line
        if c == "{":
            text += "{" if depth == 0 else ""
            depth += 1
        elif c == "}":
            depth -= 1
            text += "}" if depth == 0 else ""
            if depth == 0 and ")" in text.split("{")[0] and "=" not in text.split("{")[0]:
                text = ""                                            # the end of a function
        elif depth == 0 and c == ";":
            yield start, " ".join(text.split())
            text = ""
        elif depth == 0:
            text += c


def is_mutable(declaration):
    if "(" in declaration or re.match(r"(__extension__ )?(typedef|_Static_assert)\b|extern\b.*\bconst\b", declaration):
        return False
    if re.fullmatch(r"(struct|union|enum)\s*\w*\s*(\{\})?|", declaration):
        return False
    return not re.search(r"\bconst\b", declaration)


def check_file(root, path):
    name = path.relative_to(root).as_posix()
    room = "model/main.c" if name == "model/main.c" else room_of(name)
    text = path.read_text(encoding="utf-8")
    code = bare(text)
    if room not in BELOW and room.split("/")[0] + "/*" not in BELOW:
        yield 1, f"{room} is no room; add it to the table BELOW in scripts/check_ladder.py or move the file"
        return
    for n, line in enumerate(text.split("\n"), 1):
        m = re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line)
        wrong = check_include(path, room, *m.groups()) if m else None
        if wrong:
            yield n, wrong
    for n, line in enumerate(code.split("\n"), 1):
        if LEAVES.search(line) and name != "model/main.c":
            yield n, f"{LEAVES.search(line).group(1)}(): only model/main.c ends the program; return a bs_status"
        if not name.startswith("kernels/"):
            continue
        if IMPURE.search(line) and name != FORMATS_MESSAGES:
            yield n, f"{IMPURE.search(line).group(1)}() in a kernel; scratch and files are the caller's"
        if re.search(r"#\s*pragma\s+omp", line):
            yield n, "OpenMP in a kernel; loops over threads are in model/"
        if re.match(r"\s+static\s+(?!inline\b|const\b|_Noreturn\b)[^()]*[;=]", line) and " const " not in line:
            yield n, "a static that can change, in a kernel; state is an argument"
    for n, declaration in file_scope(code):
        if is_mutable(declaration) and name != IS_A_PROCESS and (
                name != HANDLES_SIGNALS or "volatile sig_atomic_t" not in declaration):
            yield n, f"'{declaration[:60]}' can change at file scope; make it const or an argument"


def check_tests(root, names):
    included = set()
    for test in sorted((root / "tests").glob("*/*.[ch]")):
        included |= set(re.findall(r'#\s*include\s*"([^"]+)"', test.read_text(encoding="utf-8")))
    for name in names:
        if not re.fullmatch(r"(kernels|grids)/[^/]+/[^/]+\.c", name):
            continue
        header, through = name[:-2] + ".h", TESTED_THROUGH.get(name)
        if header in included or through and (root / through).is_file():
            continue
        yield name, f"no test under tests/ includes {header}" + (f", and {through} is not there" if through else "")


def main(root):
    files = sorted(p for top in ("kernels", "grids", "model") for p in (root / top).rglob("*.[ch]"))
    if not files:
        print(f"check_ladder: no source under {root}")
        return 1
    names = [p.relative_to(root).as_posix() for p in files]
    breaches = [(name, n, text) for p, name in zip(files, names) for n, text in check_file(root, p)]
    breaches += [(name, 1, text) for name, text in check_tests(root, names)]
    for name, line, text in breaches:
        print(f"{name}:{line}: {text}")
    print(f"check_ladder: {len(files)} files, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[1])))
