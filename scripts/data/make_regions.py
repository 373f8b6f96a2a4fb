#!/usr/bin/python3
"""Make the region polygons of configs/regions from the province maps of the npm package echarts 4.9.0.

    npm pack echarts@4.9.0 && tar xzf echarts-4.9.0.tgz
    make_regions.py package [--out DIR]

The maps of Sichuan (21 prefectures) and Chongqing (38 districts) are decoded, turned into one coverage in which
neighbours share their border to the last digit (overlaps, gaps and slivers go to a neighbour), and simplified arc by
arc. Chongqing as a whole, and both provinces, are dissolved from it. No other border is drawn.
"""
import argparse
import json
import sys
from pathlib import Path

from shapely.geometry import LineString, MultiPolygon, Polygon, mapping
from shapely.ops import linemerge, polygonize, unary_union
from shapely.prepared import prep

TOLERANCE = 0.003          # degrees, simplification of each arc
SLIVER = 3e-4              # square degrees (about 3 km2): smaller detached parts go to a neighbour
GAP = 5e-3                 # square degrees (about 50 km2): enclosed gaps up to this size are filled
DIGITS = 4                 # about 10 m, well under the step of the source (1/1024 degree)

# adcode: (English name, group); the groups are the four regions of Sichuan's plans and the two on its western side
PREFECTURES = {
    "510100": ("Chengdu", "成都平原"), "510300": ("Zigong", "川南"), "510400": ("Panzhihua", "攀西"),
    "510500": ("Luzhou", "川南"), "510600": ("Deyang", "成都平原"), "510700": ("Mianyang", "成都平原"),
    "510800": ("Guangyuan", "川东北"), "510900": ("Suining", "成都平原"), "511000": ("Neijiang", "川南"),
    "511100": ("Leshan", "成都平原"), "511300": ("Nanchong", "川东北"), "511400": ("Meishan", "成都平原"),
    "511500": ("Yibin", "川南"), "511600": ("Guang'an", "川东北"), "511700": ("Dazhou", "川东北"),
    "511800": ("Ya'an", "成都平原"), "511900": ("Bazhong", "川东北"), "512000": ("Ziyang", "成都平原"),
    "513200": ("Aba", "川西北"), "513300": ("Garzê", "川西北"), "513400": ("Liangshan", "攀西"),
}
DISTRICTS = {
    "500101": "Wanzhou", "500102": "Fuling", "500103": "Yuzhong", "500104": "Dadukou", "500105": "Jiangbei",
    "500106": "Shapingba", "500107": "Jiulongpo", "500108": "Nan'an", "500109": "Beibei", "500110": "Qijiang",
    "500111": "Dazu", "500112": "Yubei", "500113": "Banan", "500114": "Qianjiang", "500115": "Changshou",
    "500116": "Jiangjin", "500117": "Hechuan", "500118": "Yongchuan", "500119": "Nanchuan", "500120": "Bishan",
    "500151": "Tongliang", "500152": "Tongnan", "500153": "Rongchang", "500154": "Kaizhou", "500155": "Liangping",
    "500156": "Wulong", "500229": "Chengkou", "500230": "Fengdu", "500231": "Dianjiang", "500233": "Zhongxian",
    "500235": "Yunyang", "500236": "Fengjie", "500237": "Wushan", "500238": "Wuxi", "500240": "Shizhu",
    "500241": "Xiushan", "500242": "Youyang", "500243": "Pengshui",
}
# two counties of the source became districts, on the same land, in 2016
RENAMED = {"500228": ("500155", "梁平区"), "500232": ("500156", "武隆区")}
PROVINCES = {"510000": ("四川省", "Sichuan", [104.07, 30.66]), "500000": ("重庆市", "Chongqing", [106.57, 29.56])}


def decode_ring(text, offset):
    """ECharts' delta code: zigzag differences of 1/1024 degree, one character each."""
    x, y = offset
    ring = []
    for a, b in zip(text[0::2], text[1::2]):
        dx, dy = ord(a) - 64, ord(b) - 64
        x += (dx >> 1) ^ -(dx & 1)
        y += (dy >> 1) ^ -(dy & 1)
        ring.append((x / 1024, y / 1024))
    return ring


def read_map(path):
    """{adcode: (name, centre, polygon)} of one province map."""
    if not path.is_file():
        sys.exit(f"make_regions: {path} is missing; give the unpacked folder of echarts 4.9.0")
    out = {}
    for f in json.loads(path.read_text(encoding="utf-8"))["features"]:
        g = f["geometry"]
        polygons, offsets = g["coordinates"], g["encodeOffsets"]
        if g["type"] == "Polygon":
            polygons, offsets = [polygons], [offsets]
        parts = []
        for rings, starts in zip(polygons, offsets):
            rings = [decode_ring(r, o) for r, o in zip(rings, starts)]
            rings = [r for r in rings if len(set(r)) >= 3]
            if rings:
                parts.append(Polygon(rings[0], rings[1:]).buffer(0))
        code, name = RENAMED.get(f["id"], (f["id"], f["properties"]["name"]))
        out[code] = (name, [round(c, 2) for c in f["properties"]["cp"]], unary_union(parts))
    return out


def parts(shape):
    return [p for p in getattr(shape, "geoms", [shape]) if isinstance(p, Polygon) and p.area > 0]


def to_neighbours(owned, loose):
    """Give each loose face to the region it shares most border with; whatever touches nothing is dropped."""
    loose = list(loose)
    while loose:
        left = []
        for face in loose:
            near, shared = prep(face), {}
            for code, faces in owned.items():
                length = sum(face.boundary.intersection(f.boundary).length for f in faces if near.intersects(f))
                if length > 0:
                    shared[code] = length
            if shared:
                owned[max(sorted(shared), key=shared.get)].append(face)
            else:
                left.append(face)
        if len(left) == len(loose):
            break
        loose = left


def coverage(lines, shapes):
    """Faces of the linework, each owned by the shape that covers most of it; slivers and small gaps to neighbours."""
    owned, loose = {code: [] for code in shapes}, []
    for face in polygonize(unary_union(lines)):
        point = face.representative_point()
        over = {code: face.intersection(s).area for code, s in shapes.items() if s.intersects(point)}
        if over:
            owned[max(sorted(over), key=over.get)].append(face)
        elif face.area < GAP:
            loose.append(face)
    to_neighbours(owned, loose)
    loose = []
    for code, faces in owned.items():
        whole = parts(unary_union(faces))
        owned[code] = [p for p in whole if p.area >= SLIVER]
        loose += [p for p in whole if p.area < SLIVER]
    to_neighbours(owned, loose)
    return {code: unary_union(faces) for code, faces in owned.items()}


def arcs(shapes):
    """The borders of a coverage, cut where three regions meet, each border once."""
    merged = linemerge(unary_union([s.boundary for s in shapes.values()]))
    return list(getattr(merged, "geoms", [merged]))


def rounded(line):
    points = []
    for x, y in line.coords:
        p = (round(x, DIGITS), round(y, DIGITS))
        if not points or p != points[-1]:
            points.append(p)
    return LineString(points) if len(points) > 1 else None


def simplify(shapes):
    lines = []
    for arc in arcs(shapes):
        if arc.is_ring:                       # keep a closed arc closed and round
            half = len(arc.coords) // 2
            halves = [LineString(arc.coords[:half + 1]), LineString(arc.coords[half:])]
        else:
            halves = [arc]
        lines += [rounded(h.simplify(TOLERANCE)) for h in halves]
    return coverage([line for line in lines if line is not None], shapes)


def feature(code, name, english, centre, group, shape):
    province = code[:2] + "0000"
    properties = {"adcode": code, "name": name, "name_en": english, "province_adcode": province,
                  "province": PROVINCES[province][0], "centre": centre, "group": group}
    rings = lambda c: [[[round(x, DIGITS + 1), round(y, DIGITS + 1)] for x, y in r] for r in c]
    whole = sorted(parts(shape), key=lambda p: -p.area)
    polygons = [rings(mapping(p)["coordinates"]) for p in whole]
    geometry = ({"type": "Polygon", "coordinates": polygons[0]} if len(polygons) == 1
                else {"type": "MultiPolygon", "coordinates": polygons})
    return {"type": "Feature", "id": code, "properties": properties, "geometry": geometry}


def write(path, name, features):
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    path.write_text(f'{{"type":"FeatureCollection","name":"{name}","features":[\n{lines}\n]}}\n', encoding="utf-8")
    print(f"{path.name}: {len(features)} features, {path.stat().st_size / 1000:.0f} kB")


def main():
    here = Path(__file__).resolve().parents[2]
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("package", type=Path, help="unpacked folder of the npm package echarts 4.9.0")
    p.add_argument("--out", type=Path, default=here / "configs/regions")
    a = p.parse_args()
    sichuan = read_map(a.package / "map/json/province/sichuan.json")
    chongqing = read_map(a.package / "map/json/province/chongqing.json")
    source = {**sichuan, **chongqing}
    raw = {code: shape for code, (_, _, shape) in source.items()}
    shapes = simplify(coverage([s.boundary for s in raw.values()], raw))

    whole = {"510000": unary_union([shapes[c] for c in sichuan]), "500000": unary_union([shapes[c] for c in chongqing])}
    prefectures = [feature(c, source[c][0], *PREFECTURES[c][:1], source[c][1], PREFECTURES[c][1], shapes[c])
                   for c in sorted(sichuan)]
    prefectures.append(feature("500000", *PROVINCES["500000"], "重庆", whole["500000"]))
    write(a.out / "sichuan-chongqing.geojson", "Sichuan prefectures and Chongqing", prefectures)
    write(a.out / "provinces.geojson", "Sichuan and Chongqing",
          [feature(c, *PROVINCES[c], "重庆" if c == "500000" else "四川", whole[c]) for c in ("510000", "500000")])
    write(a.out / "chongqing-districts.geojson", "Districts and counties of Chongqing",
          [feature(c, source[c][0], DISTRICTS[c], source[c][1], "重庆", shapes[c]) for c in sorted(chongqing)])


if __name__ == "__main__":
    main()
