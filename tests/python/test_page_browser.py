#!/usr/bin/python3
"""The page of a run in headless Chromium: it draws, the slider changes the picture, the language switch works, nothing is complained
of and nothing is asked of any server. Chromium: scripts/setup.sh --tests."""
import io
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from netCDF4 import Dataset

sys.path.insert(0, str(Path(__file__).parent))
import browser
from page_fixtures import BASHU, data_of, page, run, set_page

pytestmark = [pytest.mark.skipif(not BASHU, reason="BASHU does not name the program"),
              pytest.mark.skipif(not browser.found(), reason="no Chromium here; scripts/setup.sh --tests installs chromium-headless-shell")]


def pixels(png):
    from PIL import Image
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def colours(png):
    return len(np.unique(pixels(png).reshape(-1, 3), axis=0))


def test_the_page_draws_and_the_slider_moves_it(page):
    with browser.Browser() as b:
        b.open(page)
        assert b.do("document.documentElement.lang") == "zh-CN"
        first = b.picture(of="#map")
        assert colours(first) > 20
        for id_ in ("series", "parts", "matrix"):
            assert b.do(f"document.querySelectorAll('#{id_} svg path').length") > 3 and colours(b.picture(of="#" + id_)) > 10
        b.do("document.querySelector('#step [data-key=hour]').click()")
        assert int(b.do("document.querySelector('#time').max")) == 28
        seen = []
        for frame in (0, 14, 28):
            b.do(f"(() => {{ const s = document.querySelector('#time'); s.value = {frame}; s.dispatchEvent(new Event('input')); }})()")
            seen.append((b.do("document.querySelector('#when').textContent"), b.picture(of="#map"),
                         b.do("document.querySelector('#rank em').textContent")))
        assert len({s[0] for s in seen}) == 3 and seen[0][0] == "2015-01-10 23:00–24:00" and seen[2][0] == "2015-01-12 03:00–04:00"
        assert (pixels(seen[0][1]) != pixels(seen[1][1])).any(axis=2).mean() > 0.01
        assert seen[0][2] != seen[2][2]
        b.do("document.querySelector('#play').click()")
        assert b.do("new Promise(r => setTimeout(() => r(document.querySelector('#time').value), 700))") != "28"
        assert b.complaints() == [] and b.requests() == [page.resolve().as_uri()]


def test_the_other_language(page):
    with browser.Browser() as b:
        b.open(page)
        chinese = b.do("document.body.innerText")
        b.do("document.querySelector('#language [data-lang=en]').click()")
        english = b.do("document.body.innerText")
        assert "只含一次 PM2.5" in chinese and "成都市" in chinese and "µg m⁻³" in chinese
        assert "Primary PM2.5 only." in english and "Chengdu" in english and "µg m⁻³" in english
        left = re.sub(r"中文|巴蜀", "", english)
        assert not re.search(r"[一-鿿]", left), re.findall(r".*[一-鿿].*", left)
        assert "Chengdu" in b.do("document.querySelector('#matrix').innerHTML")
        b.do("document.querySelector('#language [data-lang=zh]').click()")
        assert b.do("document.body.innerText") == chinese
        assert b.complaints() == []


def test_the_map_tells_value_and_city(run, page):
    with browser.Browser() as b:
        b.open(page)
        b.do("document.querySelector('#step [data-key=mean]').click()")
        b.do("document.querySelector('#map').scrollIntoView()")
        x, y, w, h = b.do("(() => { const r = document.querySelector('#map').getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })()")
        with Dataset(run / "surface.nc") as nc:
            mean = nc["primary_pm25"][:].mean(axis=0)
            lon, lat = nc["lon"][:], nc["lat"][:]
        j, i = np.unravel_index(mean.argmax(), mean.shape)
        b.mouse("mouseMoved", x + (i + 0.5) / 24 * w, y + (19.5 - j) / 20 * h)
        tip = b.do("document.querySelector('#tip').innerText")
        assert "成都市" in tip and f"{lon[j, i]:.2f}°E {lat[j, i]:.2f}°N" in tip
        assert abs(float(re.search(r"([\d.]+) µg", tip)[1]) - mean[j, i]) <= 0.05 + data_of(page)["layers"][0]["mean"]["error"]
        chips = "document.querySelectorAll('#chips [aria-pressed=true]').length"
        before = b.do(chips)
        b.mouse("mousePressed", x + (i + 0.5) / 24 * w, y + (19.5 - j) / 20 * h)
        b.mouse("mouseReleased", x + (i + 0.5) / 24 * w, y + (19.5 - j) / 20 * h)
        assert b.do(chips) == before - 1                   # Chengdu was among the curves; the click takes it out
        assert b.complaints() == []


def test_a_set_in_the_browser(set_page):
    with browser.Browser(width=1024, height=700) as b:
        b.open(set_page)
        assert b.do("document.documentElement.lang") == "en"
        assert b.do("document.title") == "A plan of tests"
        assert "campaign-20" in b.do("document.querySelector('#effect').innerHTML")
        matrix = "document.querySelector('#matrix').innerHTML"
        assert "Chengdu plain" in b.do(matrix) and "South Sichuan" in b.do(matrix) and "There at the start" in b.do(matrix)
        b.do("document.querySelector('#matrix-by [data-key=\"2\"]').click()")
        assert "Chengdu plain · Power" in b.do(matrix)
        assert "Other cities of the basin" in b.do("document.querySelector('#shares').innerHTML")
        assert colours(b.picture(of="#corridor-map")) > 20
        assert "Deyang" in b.do("document.querySelector('#corridors').innerText")
        assert "Chengdu\t2.0\t1.6\t0.40\t20.0" in b.do("document.querySelector('#before-after-tables').innerText")
        assert "above" in b.do("document.querySelector('#standards-table').innerText")
        b.do("document.querySelector('#verdict-choice [data-key=\"1\"]').click()")
        assert "−12.5" in b.do("document.querySelector('#standards-table').innerText")
        base = b.picture(of="#map")
        b.do("(() => { const s = document.querySelector('#layer'); s.value = 2; s.dispatchEvent(new Event('change')); })()")
        assert (pixels(base) != pixels(b.picture(of="#map"))).any(axis=2).mean() > 0.01
        assert "−" in b.do("document.querySelector('#rank em').textContent")
        assert b.do("document.documentElement.scrollWidth") <= 1024          # nothing sticks out sideways
        assert b.printed()[:5] == b"%PDF-"
        assert b.complaints() == [] and b.requests() == [set_page.resolve().as_uri()]
