// Data, words, numbers: what the parts of the page share.
const D = JSON.parse(document.getElementById("data").textContent);
const W = JSON.parse(document.getElementById("words").textContent);
const UNIT = D.head.unit === "ug m-3" ? "µg m⁻³" : D.head.unit;
const CJK = 'system-ui,"Segoe UI","Helvetica Neue",Arial,"Noto Sans CJK SC","Source Han Sans SC","PingFang SC",' +
  '"Microsoft YaHei","WenQuanYi Zen Hei",sans-serif';
const HUES = ["#12597a", "#c8553d", "#3f8f5f", "#8a5aa8", "#c2932f", "#5b8fb9", "#7a4b32", "#d0729b", "#5f6f52", "#2f4858"];
const SOURCE_HUES = {
  power: "#7a4b32", industry: "#c8553d", road: "#5b8fb9", other_transport: "#9bbcd6", residential: "#e2a93b", other_domestic: "#efd293",
  initial: "#c9ced4", boundary: "#8d96a1", others: "#b7a7c9"
};
const state = {
  lang: document.documentElement.lang.startsWith("en") ? "en" : "zh", layer: 0, step: "hour", frame: 0, cities: new Set(), part: 0,
  scenario: 0, species: null, verdict: 0, matrixUnit: "mass", matrixBy: 0, names: true
};

const $ = (id) => document.getElementById(id);

function t(key, values) {
  const entry = W[key];
  let text = entry ? entry[state.lang] : key;
  for (const name in values || {}) text = text.replace("{" + name + "}", values[name]);
  return text;
}

// Texts of the program itself: translated where a translation is kept, piece by piece, else as they are.
function told(text) {
  const whole = W["text." + text];
  if (whole) return whole[state.lang];
  return text.split("; ").map((piece) => (W["text." + piece] ? W["text." + piece][state.lang] : piece)).join(state.lang === "zh" ? "；" : "; ");
}

function element(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const key in attributes || {}) {
    if (key === "on") for (const event in attributes.on) e.addEventListener(event, attributes.on[event]);
    else if (attributes[key] !== undefined && attributes[key] !== false) e.setAttribute(key, attributes[key]);
  }
  for (const child of children) if (child !== null && child !== undefined) e.append(child);
  return e;
}

function fill(parent, ...children) {
  parent.replaceChildren(...children.filter((c) => c !== null && c !== undefined));
}

function cityName(c) {
  return state.lang === "zh" ? c.name : c.name_en || c.name;
}

function shortName(c) {
  return state.lang === "zh" ? c.name.replace(/(藏族羌族|藏族|彝族)?(自治州|市)$/, "") : c.name_en || c.name;
}

// A word of the program: sector, family of regions, region; as it is where it is none of these.
function word(text) {
  const entry = W["label." + text] || W["group." + text];
  if (entry) return entry[state.lang];
  const region = D.regions.find((r) => r.name === text || r.adcode === text);
  return region ? shortName(region) : text;
}

// "成都平原: industry" in the reader's language; several regions or sectors stand with commas between.
function labelOf(s) {
  const each = (text) => text.split(", ").map(word).join(state.lang === "zh" ? "、" : ", ");
  if (s.region && s.sector) return each(s.region) + (s.sector === "all sectors" ? "" : " · " + each(s.sector));
  if (s.region || s.sector) return each(s.region || s.sector);
  return W["label." + s.key] ? W["label." + s.key][state.lang] : word(s.label);
}

function labelName(label) {
  if (W["label." + label]) return W["label." + label][state.lang];
  return D.names[label] ? labelOf({ key: label, ...D.names[label] }) : word(label);
}

function sourceHue(label, n) {
  return SOURCE_HUES[label] || HUES[n % HUES.length];
}

// One decimal from 1 on and two below it, none from 100 on, and what is less than half a hundredth is 0; a sign for differences.
function number(v, signed) {
  if (v === null || v === undefined || Number.isNaN(v)) return "–";
  const size = Math.abs(v);
  if (size < 0.005) return "0";
  return (v < 0 ? "−" : signed ? "+" : "") + size.toFixed(size >= 99.95 ? 0 : size >= 0.995 ? 1 : 2);
}

// Percent, one decimal, without the sign of it.
function share(v, signed) {
  if (v === null || !Number.isFinite(v)) return "–";
  const text = Math.abs(v).toFixed(1);
  return (Number(text) === 0 ? "" : v < 0 ? "−" : signed ? "+" : "") + text;
}

// The bytes of frames.py as numbers, on first use.
const unpacked = new Map();
function frames(packed) {
  if (unpacked.has(packed)) return unpacked.get(packed);
  const raw = atob(packed.bytes);
  const table = new Float32Array(256);
  for (let n = 0; n < 255; n++) {
    const x = packed.signed ? (n - 127) / 127 : n / 254;
    table[n] = Math.sign(x) * x * x * packed.top;
  }
  table[255] = NaN;
  const values = new Float32Array(raw.length);
  for (let i = 0; i < raw.length; i++) values[i] = table[raw.charCodeAt(i)];
  unpacked.set(packed, values);
  return values;
}

function polyline(steps, scale) {
  const points = [];
  let x = 0, y = 0;
  for (let i = 0; i < steps.length; i += 2) {
    x += steps[i];
    y += steps[i + 1];
    points.push([x / 100 * scale.x, y / 100 * scale.y]);
  }
  return points;
}

// Start and end, UTC+8, of what the slider shows.
function frameSpan() {
  if (state.step === "hour") return D.times.hour[state.frame];
  if (state.step === "day") {
    const day = D.times.day[state.frame];
    const next = new Date(Date.parse(day + "T00:00Z") + 864e5).toISOString().slice(0, 16);
    return [day + "T00:00", next];
  }
  return [D.head.start, D.head.end];
}

function frameText() {
  const [start, end] = frameSpan().map((s) => s.replace("T", " "));
  if (state.step === "day") return start.slice(0, 10);
  if (state.step === "hour") return start + "–" + (end.slice(11) === "00:00" ? "24:00" : end.slice(11));
  return start + " – " + end;
}

// Means of the cities over a span for one layer; null where only the period is known and something else is asked.
function cityValues(layer, span) {
  const whole = span[0] <= D.head.start && span[1] >= D.head.end;
  if (layer.kind === "tag" && whole) return D.means.tags[layer.key];
  if (layer.kind === "total" && whole) return D.means.total;
  if (layer.kind === "difference" && whole) return D.members[layer.member].mean.map((v, c) => v - D.means.total[c]);
  const over = (rows) => rows.map((row) => {
    let sum = 0, n = 0;
    D.series.times.forEach((end, i) => {
      if (end > span[0] && end <= span[1] && row[i] !== null) {
        sum += row[i];
        n++;
      }
    });
    return n ? sum / n : null;
  });
  if (layer.kind === "total") return over(D.series.total);
  if (layer.kind === "tag") return D.series.tags ? over(D.series.tags[layer.key]) : null;
  const base = over(D.series.total);
  return over(D.members[layer.member].total).map((v, c) => v - base[c]);
}

function layerName(layer) {
  if (layer.kind === "difference") return t("difference_of", { m: layer.member });
  return layer.kind === "total" ? t("total") : labelName(layer.key);
}
