// The map: frames on a canvas, borders and names over them, a legend, a list of cities beside it.
const LEVELS = [0, 2, 5, 10, 15, 20, 25, 35, 50, 75, 115, 150, 250];
const RAMP = ["#fbfaf4", "#f6ecc0", "#f5d183", "#f0ac5b", "#e47f4d", "#cf5350", "#ab335f", "#7c2466", "#4c1b56", "#210f34"];
const LESS = ["#e6f1ee", "#b9dbd3", "#80bdb0", "#46998a", "#1d6f5c", "#0a4437"];
const MORE = ["#f8ebe6", "#efc8b9", "#e09a82", "#c96a4e", "#a63f28", "#6f2212"];

function mix(ramp, f) {
  const at = Math.max(0, Math.min(1, f)) * (ramp.length - 1);
  const n = Math.min(ramp.length - 2, Math.floor(at));
  const part = (k, c) => parseInt(ramp[k].slice(1 + 2 * c, 3 + 2 * c), 16);
  return [0, 1, 2].map((c) => Math.round(part(n, c) + (at - n) * (part(n + 1, c) - part(n, c))));
}

// Levels (lower ends of the classes) and colours. Concentrations have fixed steps, so that a colour means the same on every map.
function scaleOf(layer) {
  if (layer.scale) return layer.scale;
  const top = Math.max(...["hour", "day", "mean"].filter((s) => layer[s]).map((s) => layer[s].top));
  if (layer.kind === "difference") {
    const steps = [];
    for (let e = -4; e < 5; e++) for (const f of [1, 2, 5]) steps.push(f * 10 ** e);
    const upper = steps.filter((v) => v < top).slice(-5);
    const levels = [-Infinity, ...upper.map((v) => -v).reverse(), ...upper];
    const colours = upper.map((v, n) => mix(LESS, (n + 1) / upper.length)).reverse().concat([[247, 247, 245]],
      upper.map((v, n) => mix(MORE, (n + 1) / upper.length)));
    layer.scale = { levels, colours };
  } else {
    const factor = 10 ** Math.min(0, Math.floor(Math.log10(top / 8)));
    const steps = LEVELS.map((v) => Number((v * factor).toPrecision(3)));
    const covered = steps.findIndex((v) => v >= top);
    const n = Math.max(5, covered < 0 ? steps.length : covered);
    layer.scale = { levels: steps.slice(0, n), colours: steps.slice(0, n).map((v, k) => mix(RAMP, k / (LEVELS.length - 1))) };
    layer.scale.levels[0] = -Infinity;
  }
  return layer.scale;
}

const map = { canvas: $("map"), cells: document.createElement("canvas"), paths: null, hover: -1, width: 0 };

function currentFrames() {
  return D.layers[state.layer][state.step];
}

function paintCells() {
  const { nx, ny } = D.mesh, values = frames(currentFrames()), { levels, colours } = scaleOf(D.layers[state.layer]);
  map.cells.width = nx;
  map.cells.height = ny;
  const g = map.cells.getContext("2d"), image = g.createImageData(nx, ny), start = state.frame * nx * ny;
  for (let i = 0; i < nx * ny; i++) {
    const v = values[start + i];
    let k = levels.length - 1;
    while (k > 0 && !(v >= levels[k])) k--;
    const rgb = Number.isNaN(v) ? [225, 225, 225] : colours[k];
    image.data.set([rgb[0], rgb[1], rgb[2], 255], 4 * i);
  }
  g.putImageData(image, 0, 0);
}

// The canvas as wide as its place, for the part of the mesh from cells (i, j) to (i + ni, j + nj).
function sizeCanvas(canvas, view) {
  const [i, j, ni, nj] = view || [0, 0, D.mesh.nx, D.mesh.ny];
  const width = canvas.parentElement.clientWidth, ratio = Math.max(2, window.devicePixelRatio || 1);
  const height = Math.round(width * nj / ni * D.mesh.aspect);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.height = height + "px";
  const g = canvas.getContext("2d");
  const scale = { x: width / ni, y: height / nj }, x0 = i * scale.x, y0 = j * scale.y;
  g.setTransform(ratio, 0, 0, ratio, -x0 * ratio, -y0 * ratio);
  return { g, width, height, scale, x0, y0, x1: x0 + width, y1: y0 + height };
}

function pathOf(lines, scale, close) {
  const path = new Path2D();
  for (const line of lines) {
    polyline(line, scale).forEach(([x, y], n) => (n ? path.lineTo(x, y) : path.moveTo(x, y)));
    if (close) path.closePath();
  }
  return path;
}

function drawBorders(g, box, light) {
  g.lineJoin = "round";
  g.strokeStyle = light ? "rgba(60,70,80,.18)" : "rgba(30,36,43,.16)";
  g.lineWidth = 0.6;
  for (const line of D.graticule) g.stroke(pathOf([line.line], box.scale));
  g.strokeStyle = light ? "rgba(70,80,90,.55)" : "rgba(52,58,66,.75)";
  g.lineWidth = 0.7;
  for (const path of box.paths) g.stroke(path);
  g.strokeStyle = "#1f242b";
  g.lineWidth = 1.5;
  g.stroke(pathOf(D.provinces, box.scale, true));
}

function halo(g, text, x, y, font, colour) {
  g.font = font;
  g.lineWidth = 3;
  g.lineJoin = "round";
  g.strokeStyle = "rgba(255,255,255,.88)";
  g.strokeText(text, x, y);
  g.fillStyle = colour || "#1f242b";
  g.fillText(text, x, y);
}

// Degrees along the frame: meridians at the foot, parallels at the left.
function drawDegrees(g, box) {
  g.textBaseline = "middle";
  for (const line of D.graticule) {
    const points = polyline(line.line, box.scale), meridian = line.text.endsWith("E");
    for (let n = 1; n < points.length; n++) {
      const a = points[n - 1], b = points[n], axis = meridian ? 1 : 0, edge = meridian ? box.height - 9 : 4;
      if ((a[axis] - edge) * (b[axis] - edge) > 0 || a[axis] === b[axis]) continue;
      const f = (edge - a[axis]) / (b[axis] - a[axis]), other = a[1 - axis] + f * (b[1 - axis] - a[1 - axis]);
      const size = meridian ? box.width : box.height;
      if (other < 24 || other > size - 24) break;
      g.textAlign = meridian ? "center" : "left";
      halo(g, line.text, meridian ? other : edge, meridian ? edge : other, "10px " + CJK, "#626a75");
      break;
    }
  }
}

function drawNames(g, box) {
  const big = new Set(["510100", "500000"]), taken = [];
  const order = D.regions.map((r, n) => n).sort((a, b) => big.has(D.regions[b].adcode) - big.has(D.regions[a].adcode));
  const dots = D.regions.map((r) => [r.centre[0] * box.scale.x, r.centre[1] * box.scale.y]);
  const inside = ([x, y]) => x > box.x0 + 4 && y > box.y0 + 4 && x < box.x1 - 4 && y < box.y1 - 4;
  g.textBaseline = "middle";
  g.textAlign = "left";
  for (const n of order) {
    const [x, y] = dots[n];
    if (!inside(dots[n])) continue;
    const main = big.has(D.regions[n].adcode), size = (main ? 14 : 11.5) * Math.min(1.15, Math.max(0.78, box.width / 800));
    const font = (main ? "600 " : "500 ") + size + "px " + CJK;
    g.beginPath();
    g.arc(x, y, main ? 3.4 : 2.3, 0, 7);
    g.fillStyle = "#fff";
    g.fill();
    g.lineWidth = 1.1;
    g.strokeStyle = "#1f242b";
    g.stroke();
    if (!state.names) continue;
    g.font = font;
    const text = shortName(D.regions[n]), w = g.measureText(text).width, h = size * 1.1;
    let best = null;
    for (const [dx, dy] of [[6, 0], [-6 - w, 0], [-w / 2, -h * 0.9], [-w / 2, h * 0.9], [5, -h * 0.6], [5, h * 0.6], [-5 - w, -h * 0.6], [-5 - w, h * 0.6]]) {
      const b = [x + dx, y + dy - h / 2, x + dx + w, y + dy + h / 2];
      const clash = taken.filter((o) => b[0] < o[2] + 2 && b[2] > o[0] - 2 && b[1] < o[3] && b[3] > o[1]).length * 3 +
        dots.filter(([px, py], k) => k !== n && px > b[0] - 2 && px < b[2] + 2 && py > b[1] - 1 && py < b[3] + 1).length +
        5 * (b[0] < box.x0 + 2 || b[1] < box.y0 + 2 || b[2] > box.x1 - 2 || b[3] > box.y1 - 2);
      if (!best || clash < best.clash) best = { clash, b, at: [x + dx, y + dy] };
    }
    taken.push(best.b);
    halo(g, text, best.at[0], best.at[1], font);
  }
}

function drawMap() {
  paintCells();
  const box = map.box = sizeCanvas(map.canvas), g = box.g;
  box.paths = D.regions.map((r) => pathOf(r.rings, box.scale, true));
  g.imageSmoothingEnabled = false;
  g.drawImage(map.cells, 0, 0, box.width, box.height);
  drawBorders(g, box);
  if (map.hover >= 0) {
    g.strokeStyle = "#fff";
    g.lineWidth = 4;
    g.stroke(box.paths[map.hover]);
    g.strokeStyle = "#12597a";
    g.lineWidth = 2;
    g.stroke(box.paths[map.hover]);
  }
  drawDegrees(g, box);
  drawNames(g, box);
  map.canvas.setAttribute("aria-label", t("map_alt") + ", " + frameText());
}

function drawLegend() {
  const layer = D.layers[state.layer], { levels, colours } = scaleOf(layer);
  const steps = element("span", { class: "steps" });
  colours.forEach((rgb, k) => {
    const i = element("i", { style: `background:rgb(${rgb})` });
    if (k === 0 && layer.kind !== "difference") i.append(element("b", { class: "first" }, "0"));
    if (k < levels.length - 1) i.append(element("b", {}, String(levels[k + 1]).replace("-", "−")));
    steps.append(i);
  });
  fill($("legend"), steps, element("span", { class: "unit" }, UNIT));
}

function lonLat(x, y) {
  const { i, j, lon, lat } = D.mesh.lattice;
  const cell = (at, v) => Math.max(0, Math.min(at.length - 2, at.findIndex((e) => e > v) - 1));
  const a = cell(i, x), b = cell(j, y), f = (x - i[a]) / (i[a + 1] - i[a]), h = (y - j[b]) / (j[b + 1] - j[b]);
  const at = (v) => (1 - h) * ((1 - f) * v[b][a] + f * v[b][a + 1]) + h * ((1 - f) * v[b + 1][a] + f * v[b + 1][a + 1]);
  return [at(lon), at(lat)];
}

function cityAt(x, y) {
  const g = map.canvas.getContext("2d");
  g.save();
  g.setTransform(1, 0, 0, 1, 0, 0);
  const found = map.box.paths.findIndex((path) => g.isPointInPath(path, x, y, "evenodd"));
  g.restore();
  return found;
}

function pointAt(event) {
  const frame = map.canvas.getBoundingClientRect();
  const x = event.clientX - frame.left, y = event.clientY - frame.top;
  const { nx, ny } = D.mesh, layer = D.layers[state.layer], signed = layer.kind === "difference";
  const i = Math.floor(x / frame.width * nx), j = Math.floor(y / frame.height * ny);
  if (i < 0 || j < 0 || i >= nx || j >= ny) return leaveMap();
  const n = cityAt(x, y);
  if (n !== map.hover) {
    map.hover = n;
    drawMap();
    document.querySelectorAll("#rank li").forEach((li) => li.classList.toggle("on", Number(li.dataset.city) === n));
  }
  const v = frames(currentFrames())[state.frame * nx * ny + j * nx + i], [lon, lat] = lonLat(x / frame.width * nx, y / frame.height * ny);
  const mean = n >= 0 ? cityValues(layer, frameSpan()) : null;
  fill($("tip"), n >= 0 ? element("b", {}, cityName(D.regions[n])) : null, n >= 0 ? element("br") : null,
    element("span", { class: "n" }, number(v, signed)), " " + UNIT + " ", element("span", { class: "s" }, t("in_cell")),
    ...(mean ? [element("br"), number(mean[n], signed) + " " + UNIT + " ", element("span", { class: "s" }, t("city_mean"))] : []),
    element("br"), element("span", { class: "s" }, lon.toFixed(2) + "°E " + lat.toFixed(2) + "°N"));
  const tip = $("tip");
  tip.hidden = false;
  tip.style.left = (x > frame.width - 210 ? x - tip.offsetWidth - 14 : x + 14) + "px";
  tip.style.top = Math.min(y + 14, frame.height - tip.offsetHeight - 4) + "px";
}

function leaveMap() {
  $("tip").hidden = true;
  if (map.hover < 0) return;
  map.hover = -1;
  document.querySelectorAll("#rank li.on").forEach((li) => li.classList.remove("on"));
  drawMap();
}

function drawRank() {
  const layer = D.layers[state.layer], values = cityValues(layer, frameSpan()), signed = layer.kind === "difference";
  $("rank").hidden = $("rank-title").hidden = !values;
  if (!values) return;
  $("rank-title").textContent = t("rank") + " · " + UNIT;
  const order = values.map((v, n) => n).filter((n) => values[n] !== null).sort((a, b) => (signed ? values[a] - values[b] : values[b] - values[a]));
  const most = Math.max(...values.map((v) => Math.abs(v || 0)), 1e-9);
  fill($("rank"), ...order.map((n) => element("li", { "data-city": n, class: n === map.hover ? "on" : "", title: D.regions[n].adcode,
    on: { click: () => toggleCity(n), mouseenter: () => { map.hover = n; drawMap(); }, mouseleave: () => { map.hover = -1; drawMap(); } } },
  element("span", {}, shortName(D.regions[n])),
  element("i", { style: `width:${(100 * Math.abs(values[n]) / most).toFixed(1)}%`, class: signed ? (values[n] < 0 ? "less" : "more") : "" }),
  element("em", {}, number(values[n], signed)))));
}

function showFrame() {
  $("when").textContent = frameText();
  drawMap();
  drawRank();
}
