"""scripts/check_ladder.py passes a clean house and names each kind of breach with its place."""
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/check_ladder.py"

CLEAN = {
    "kernels/base/real.h": "typedef float real;\n",
    "kernels/column/strip.h": "#include <stddef.h>\nstruct bs_strip { int n; };\n",
    "kernels/hdiff/hdiff.h": '#include "kernels/base/real.h"\nvoid bs_hdiff(real *q);\n',
    "kernels/hdiff/hdiff.c": '#include "kernels/hdiff/hdiff.h"\n\n#include <math.h>\n\n'
                             '#include "kernels/column/strip.h"\n'
                             "/* no malloc(), no exit() */\n"
                             "static const double TABLE[] = {1.0, 2.0};\n"
                             "void bs_hdiff(real *q)\n{\n    static const char *const NAME[] = {\"printf(\"};\n"
                             "    q[0] += (real)(TABLE[0] + NAME[0][0]);\n}\n",
    "grids/mesh/mesh.h": '#include "kernels/base/real.h"\nextern const int bs_n;\n',
    "grids/mesh/mesh.c": '#include "grids/mesh/mesh.h"\n#include <stdlib.h>\nconst int bs_n = 1;\n',
    "grids/projection/p.h": "#include <proj.h>\n",
    "model/core/log.h": "typedef struct bs_log {\n    int on;\n} bs_log;\n",
    "model/operators/hdiff.c": '#include "model/core/log.h"\n#include "kernels/hdiff/hdiff.h"\n'
                               "enum { A, B };\nint f(void)\n{\n    static int count;\n    return ++count;\n}\n",
    "model/run/run.c": '#include "model/met/met.h"\n#include <unistd.h>\n',
    "model/met/met.h": "",
    "model/main.c": '#include "model/run/run.h"\nint main(void)\n{\n    exit(0);\n}\n',
    "model/run/run.h": "",
    "tests/kernels/test_hdiff.c": '#include "kernels/hdiff/hdiff.h"\n',
    "tests/grids/test_mesh.c": '#include "grids/mesh/mesh.h"\n',
}


def check(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, str(SCRIPT), str(root)], capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_clean_house_passes(tmp_path):
    status, out = check(tmp_path, CLEAN)
    assert status == 0, out
    assert "0 breaches" in out


BREACHES = [
    # an operator that fetches its own weather, settings, emissions, files
    ("model/operators/x.c", '\n#include "model/met/met.h"\n', 2, "model/operators may include itself"),
    ("model/operators/x.c", '#include "model/config/config.h"\n', 1, "model/operators may include itself"),
    ("model/operators/x.c", '#include "model/emis/emis.h"\n', 1, "model/operators may include itself"),
    ("model/operators/x.c", '#include "model/io/nc.h"\n', 1, "model/operators may include itself"),
    # rooms looking up the ladder
    ("kernels/hdiff/x.h", '#include "grids/mesh/mesh.h"\n', 1, "kernels/hdiff may include itself, kernels/base"),
    ("kernels/hdiff/x.h", '#include "kernels/column/vdiff.h"\n', 1, "kernels/hdiff may include itself"),
    ("kernels/base/x.h", '#include "kernels/hdiff/hdiff.h"\n', 1, "nothing else"),
    ("grids/mesh/x.h", '#include "model/core/log.h"\n', 1, "grids/mesh may include itself"),
    ("model/units/x.h", '#include "model/config/config.h"\n', 1, "model/units may include itself"),
    ("model/config/x.h", '#include "grids/mesh/mesh.h"\n', 1, "model/config may include itself"),
    ("model/stepping/x.h", '#include "model/run/run.h"\n', 1, "model/stepping may include itself"),
    # libraries outside their rooms
    ("grids/mesh/x.h", "#include <proj.h>\n", 1, "<proj.h> is allowed in grids/projection only"),
    ("grids/regions/x.h", "#include <geos_c.h>\n", 1, "grids/geometry only"),
    ("model/met/x.c", "#include <netcdf.h>\n", 1, "model/io only"),
    ("model/units/x.c", "#include <libfyaml.h>\n", 1, "model/config only"),
    ("model/config/x.c", "#include <udunits2.h>\n", 1, "model/units only"),
    ("model/operators/x.c", "#include <omp.h>\n", 1, "model/parallel only"),
    ("model/met/x.c", "#include <gdal.h>\n", 1, "is not in this script's lists"),
    ("grids/mesh/x.h", "#include <unistd.h>\n", 1, "is not in this script's lists"),
    # kernels are pure
    ("kernels/hdiff/x.h", "#include <stdlib.h>\n", 1, "<stdlib.h> in a kernel"),
    ("kernels/hdiff/x.h", "static inline void *f(void)\n{\n    return malloc(8);\n}\n", 3, "malloc() in a kernel"),
    ("kernels/hdiff/x.h", 'static inline void f(void)\n{\n    printf("1");\n}\n', 3, "printf() in a kernel"),
    ("kernels/hdiff/x.h", "static inline int f(void)\n{\n    static int first = 1;\n    return first;\n}\n", 3,
     "a static that can change"),
    ("kernels/hdiff/x.h", "#pragma omp parallel for\n", 1, "OpenMP in a kernel"),
    # everywhere
    ("model/core/x.c", "void f(void)\n{\n    exit(1);\n}\n", 3, "exit(): only model/main.c"),
    ("grids/mesh/x.h", "static inline void f(void)\n{\n    abort();\n}\n", 3, "abort(): only model/main.c"),
    ("model/core/x.c", "int g;\n", 1, "'int g' can change at file scope"),
    ("model/core/x.c", "/* one\n   two */\nstatic double table[] = {\n    1.0,\n};\n", 3, "can change at file scope"),
    ("model/core/x.c", '#include "log2.h"\n', 1, "is not beside this file"),
    ("model/core/x.c", '#include "tests/support/x.h"\n', 1, "only kernels/, grids/ and model/ are included"),
    ("model/attic/x.c", "", 1, "model/attic is no room"),
    ("kernels/hdiff/x.c", "", 1, "no test under tests/ includes kernels/hdiff/x.h"),
    ("grids/mesh/x.c", "", 1, "no test under tests/ includes grids/mesh/x.h"),
    ("grids/regrid/axis.c", "", 1, "and tests/grids/test_regrid.c is not there"),
]


@pytest.mark.parametrize("name, text, line, words", BREACHES)
def test_breach_is_named_with_its_place(tmp_path, name, text, line, words):
    status, out = check(tmp_path, {**CLEAN, name: text})
    assert status == 1
    found = [m for m in out.splitlines() if m.startswith(f"{name}:{line}: ")]
    assert len(found) == 1 and words in found[0], out
    assert "1 breaches" in out


def test_empty_tree_is_not_a_pass(tmp_path):
    status, out = check(tmp_path, {})
    assert status == 1 and "no source" in out
