// Arrows across the borders of neighbouring regions on a map of their own, and the table of them.
const ARROWS = 26;
const NOWHERE = new Set(["elsewhere", "west", "east", "south", "north"]);

function arrow(g, a, b, width) {
  const dx = b[0] - a[0], dy = b[1] - a[1], length = Math.hypot(dx, dy), ux = dx / length, uy = dy / length, head = 5 + 1.5 * width;
  g.beginPath();
  g.moveTo(a[0], a[1]);
  g.lineTo(b[0] - head * 0.8 * ux, b[1] - head * 0.8 * uy);
  g.lineWidth = width;
  g.stroke();
  g.beginPath();
  g.moveTo(b[0], b[1]);
  g.lineTo(b[0] - head * ux - head * 0.55 * uy, b[1] - head * uy + head * 0.55 * ux);
  g.lineTo(b[0] - head * ux + head * 0.55 * uy, b[1] - head * uy - head * 0.55 * ux);
  g.closePath();
  g.fill();
}

// Both ends of a link's arrow: across the border where its place is known, else from town to town; null where neither is.
function ends(link, box) {
  const reach = 0.034 * box.width;
  if (link.at) {
    const [x, y, dx, dy] = link.at, size = Math.hypot(dx, dy) || 1, c = [x * box.scale.x, y * box.scale.y];
    const step = [reach * dx / size, reach * dy / size];
    return [[c[0] - step[0], c[1] - step[1]], [c[0] + step[0], c[1] + step[1]]];
  }
  const pair = [link.from, link.to].map((p) => D.regions.find((r) => r.adcode === p[""]));
  return pair[0] && pair[1] ? pair.map((r) => [r.centre[0] * box.scale.x, r.centre[1] * box.scale.y]) : null;
}

// The part of the mesh with the arrows and some room around them: [i, j, ni, nj] in cells.
function viewOf(links) {
  const unit = { width: 0, scale: { x: 1, y: 1 } }, points = links.flatMap((l) => ends(l, unit) || []);
  if (!points.length) return null;
  const { nx, ny } = D.mesh, pad = 0.05 * nx, low = (k) => Math.min(...points.map((p) => p[k])) - pad, high = (k) => Math.max(...points.map((p) => p[k])) + pad;
  const i = Math.max(0, low(0)), j = Math.max(0, low(1));
  return [i, j, Math.min(nx, high(0)) - i, Math.min(ny, high(1)) - j];
}

function placeName(p) {
  const region = D.regions.find((r) => r.adcode === p[""]);
  if (region || W["group." + p[""]]) return region ? shortName(region) : groupName(p[""]);
  return state.lang === "zh" ? p._name : p._name_en || p._name;
}

function drawCorridors() {
  $("s-corridors").hidden = !D.links;
  if (!D.links) return;
  const all = D.links.list, has = (key, values) => values.filter((v) => all.some((l) => l[key] === v));
  const levels = has("level", ["region", "family"]), kinds = has("kind", ["low", "net"]);
  if (!levels.includes(state.level)) state.level = levels[0];
  if (!kinds.includes(state.kind)) state.kind = kinds[0];
  segments("corridor-kind", kinds.length > 1 ? kinds.map((k) => [k, t("kind_" + k, { m: Math.round(D.links.low_m || 0) || "–" })]) : [], state.kind, (k) => { state.kind = k; drawCorridors(); });
  segments("corridor-level", levels.length > 1 ? levels.map((l) => [l, t("level_" + l)]) : [], state.level, (l) => { state.level = l; drawCorridors(); });
  const links = all.filter((l) => l.level === state.level && l.kind === state.kind &&
    !(NOWHERE.has(l.from[""]) && NOWHERE.has(l.to[""])));
  const drawn = links.filter((l) => !NOWHERE.has(l.from[""]) && !NOWHERE.has(l.to[""])).slice(0, ARROWS);
  const box = sizeCanvas($("corridor-map"), viewOf(drawn)), g = box.g;
  box.paths = D.regions.map((r) => pathOf(r.rings, box.scale, true));
  g.fillStyle = "#fff";
  g.fillRect(box.x0, box.y0, box.width, box.height);
  g.fillStyle = "#f3f5f7";
  for (const path of box.paths) g.fill(path, "evenodd");
  drawBorders(g, box, true);
  const most = drawn.length ? drawn[0].kg_per_day : 1;
  for (const l of drawn.reverse()) {
    const pair = ends(l, box);
    if (!pair) continue;
    g.strokeStyle = g.fillStyle = "rgba(178,62,36,.85)";
    arrow(g, pair[0], pair[1], Math.max(1.2, 7 * l.kg_per_day / most));
  }
  drawNames(g, box);
  $("corridor-map").setAttribute("aria-label", t("corridor_alt"));
  fill($("corridors"), table([{ text: t("from") }, { text: t("to") }, { text: t("net_flux"), unit: "t d⁻¹", n: true }],
    links.slice(0, 18).map((l) => [placeName(l.from), placeName(l.to), number(l.kg_per_day / 1000)])));
}
