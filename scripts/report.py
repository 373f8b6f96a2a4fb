#!/usr/bin/python3
"""Write one HTML page about a run, or about a set of scenarios.

    report.py RUN [--out FILE.html] [--lang zh|en] [--regions FILE.geojson]

RUN is a folder that `bashu run` or `bashu scenario` wrote. The page is one file (RUN/report.html unless --out names another) that
opens in any browser without a network: maps with a time slider, curves and a table of the cities, sources and receptors, and for a
set the emissions and concentrations before and after. It holds Chinese and English; --lang is the language it opens in.
Exit status: 0 done, 2 bad input or usage.
"""
import argparse
import hashlib
import html
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENDOR, PARTS = HERE / "vendor/echarts", HERE / "page"
CODE = ["core.js", "map.js", "charts.js", "tables.js", "corridors.js", "main.js"]
LICENCES = ["NOTICE", "LICENSE", "LICENSE-zrender", "LICENSE-d3"]


def fail(message):
    print(f"report.py: error: {message}", file=sys.stderr)
    sys.exit(2)


def echarts(failure):
    """The library's text, when it is the file that README.md beside it describes."""
    readme = (VENDOR / "README.md").read_text(encoding="utf-8")
    expected = re.search(r"^([0-9a-f]{64})  echarts\.min\.js$", readme, re.M)
    data = (VENDOR / "echarts.min.js").read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if not expected or found != expected[1]:
        raise failure(f"{VENDOR / 'echarts.min.js'}: sha256 {found}, expected {expected[1] if expected else 'a line in README.md'};"
                      " check the file out anew")
    return data.decode("utf-8")


def as_json(data):
    """JSON that may stand inside a script element."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("</", "<\\/").replace("<!--", "<\\u0021--")


def page(data, lang, failure):
    def text(name):
        return (PARTS / name).read_text(encoding="utf-8")

    library, code = echarts(failure), "\n".join(text(name) for name in CODE)
    for name, script in (("echarts.min.js", library), ("the page's code", code)):
        if re.search(r"</script|<!--", script, re.I):
            raise failure(f"{name} holds an end of script and cannot stand inside a page")
    licences = "\n\n".join(f"== {n}\n\n" + (VENDOR / n).read_text(encoding="utf-8").strip() for n in LICENCES)
    parts = {"lang": {"zh": "zh-CN", "en": "en"}[lang], "title": html.escape(data["head"]["title"] or data["head"]["case"]),
             "css": text("page.css"), "licences": licences.replace("</script", "< /script"), "data": as_json(data),
             "words": as_json(json.loads(text("words.json"))), "echarts": library,
             "code": '(function () {\n"use strict";\n' + code + "})();"}
    return re.sub(r"\{\{(\w+)\}\}", lambda m: parts[m[1]], text("page.html"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", metavar="RUN", help="folder of a finished run, or of a set of scenarios")
    parser.add_argument("--out", metavar="FILE.html", help="default: RUN/report.html")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="language the page opens in; it holds both")
    parser.add_argument("--regions", metavar="FILE.geojson", help="polygons of the run's cities, where the run's own are not found")
    args = parser.parse_args()
    try:
        from page.collect import collect
        from page.folder import Failure, Set, write_whole
        from plot_map import Failure as MapFailure
    except ImportError as e:
        fail(f"Python module {e.name} is missing; install the packages that scripts/setup.sh --maps lists and use /usr/bin/python3")
    try:
        folder = Set(args.run)
        out = Path(args.out) if args.out else folder.path / "report.html"
        text = page(collect(folder, args.regions), args.lang, Failure)
        write_whole(out, lambda path: path.write_text(text, encoding="utf-8"))
    except (Failure, MapFailure) as e:
        fail(e)
    print(f"{out}: {len(text.encode()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
