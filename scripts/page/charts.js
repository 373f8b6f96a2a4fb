// Curves, areas, the matrix and bars: ECharts, drawn as SVG so that they print sharply.
const charts = {};

function chart(id, option) {
  if (!charts[id]) charts[id] = echarts.init($(id), null, { renderer: "svg" });
  charts[id].setOption({ animation: false, textStyle: { fontFamily: CJK, color: "#1f242b" }, aria: { enabled: true }, ...option }, true);
  return charts[id];
}

const GREY = { axisLine: { lineStyle: { color: "#aab2bb" } }, axisLabel: { color: "#4a525c" }, splitLine: { lineStyle: { color: "#e8ebee" } } };

function timeAxis() {
  // UTC+8 as written, whatever the reader's own zone is
  return { type: "time", ...GREY, splitLine: { show: false }, axisLabel: { color: "#4a525c", hideOverlap: true,
    formatter: { day: "{MM}-{dd}", hour: "{HH}:{mm}", month: "{yyyy}-{MM}", year: "{yyyy}" } } };
}

function points(values) {
  return D.series.times.map((s, n) => [s + ":00Z", values[n]]);
}

function massAxis(name) {
  return { type: "value", ...GREY, name: name || UNIT, nameTextStyle: { color: "#626a75", align: "left" }, nameGap: 12 };
}

function tipText(items, head) {
  const rows = items.filter((p) => p.value[1] !== null).sort((a, b) => b.value[1] - a.value[1]).slice(0, 16)
    .map((p) => `<tr><td style="border:0;padding:0 12px 0 0">${p.marker}${echarts.format.encodeHTML(p.seriesName)}</td>` +
      `<td style="border:0;padding:0;text-align:right">${number(p.value[1])}</td></tr>`);
  return `<b>${head}</b><table style="font-size:13px">${rows.join("")}</table>`;
}

const TIP = { backgroundColor: "rgba(255,255,255,.97)", borderColor: "#c3cad2", textStyle: { color: "#1f242b", fontFamily: CJK, fontSize: 13 }, confine: true };

function timeTip() {
  return { ...TIP, trigger: "axis", formatter: (items) => tipText(items, items[0].axisValueLabel) };
}

function drawSeries() {
  const chosen = [...state.cities], series = [];
  chosen.forEach((n, k) => {
    const line = { type: "line", showSymbol: false, color: HUES[k % HUES.length], lineStyle: { width: 2 }, emphasis: { disabled: true } };
    series.push({ ...line, name: cityName(D.regions[n]), data: points(D.series.total[n]) });
    D.head.members.forEach((m, j) => series.push({ ...line, name: cityName(D.regions[n]) + " · " + m.key, data: points(D.members[m.key].total[n]),
      lineStyle: { width: 1.4, type: [[6, 4], [2, 3], [10, 3, 2, 3]][j % 3] } }));
  });
  chart("series", { grid: { left: 52, right: 18, top: 34, bottom: 62 }, useUTC: true, tooltip: timeTip(), xAxis: timeAxis(), yAxis: massAxis(),
    dataZoom: [{ type: "inside" }, { type: "slider", height: 18, bottom: 10, borderColor: "#dfe3e8", labelFormatter: "" }], series });
  $("series-lines").textContent = D.head.members.length ? t("series_lines", { m: D.head.members.map((m) => m.key).join(", ") }) : "";
  fill($("chips"), ...D.regions.map((r, n) => {
    const at = chosen.indexOf(n);
    const style = at >= 0 ? `background:${HUES[at % HUES.length]};border-color:${HUES[at % HUES.length]}` : undefined;
    return element("button", { type: "button", "aria-pressed": String(at >= 0), style, "data-city": n, on: { click: () => toggleCity(n) } }, shortName(r));
  }));
}

function toggleCity(n) {
  if (state.cities.has(n)) state.cities.delete(n);
  else state.cities.add(n);
  drawSeries();
}

function drawParts() {
  const n = state.part, tags = D.series.tags;
  $("s-parts").hidden = !tags;
  if (!tags) return;
  // many groups: the ten largest and the rest
  const order = D.labels.map((label, k) => ({ label, k, mean: D.means.tags[label][n] }));
  const large = order.length <= 12 ? order : [...order].sort((a, b) => b.mean - a.mean).slice(0, 10);
  const rest = order.filter((o) => !large.includes(o));
  const area = (name, values, colour) => ({ type: "line", stack: "all", name, data: points(values), showSymbol: false, color: colour,
    lineStyle: { width: 0.5 }, areaStyle: { opacity: 0.92 }, emphasis: { disabled: true } });
  const series = large.map((o, k) => area(labelName(o.label), tags[o.label][n], sourceHue(o.label, k)));
  if (rest.length) {
    const sum = D.series.times.map((s, i) => rest.reduce((a, o) => a + tags[o.label][n][i], 0));
    series.push(area(t("others"), sum, SOURCE_HUES.others));
  }
  chart("parts", { grid: { left: 52, right: 18, top: 62, bottom: 30 }, useUTC: true, tooltip: timeTip(), xAxis: timeAxis(), yAxis: massAxis(),
    legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 10, icon: "rect", type: "scroll" }, series });
}

function drawMatrix() {
  const m = D.matrices[state.matrixBy];
  $("s-matrix").hidden = !m;
  if (!m) return;
  $("matrix-lead").textContent = t(m.lead);
  segments("matrix-unit", [["mass", UNIT], ["share", t("share_unit")]], state.matrixUnit, (key) => { state.matrixUnit = key; drawMatrix(); });
  segments("matrix-by", D.matrices.length > 1 ? D.matrices.map((x, k) => [k, t("by_" + x.by)]) : [], state.matrixBy, (k) => { state.matrixBy = k; drawMatrix(); });
  const parts = state.matrixUnit === "share", cells = [];
  let most = 0;
  m.values.forEach((row, n) => {
    const sum = m.totals ? m.totals[n] : row.reduce((a, v) => a + (v || 0), 0);
    row.forEach((v, s) => {
      if (v === null) return;
      const value = parts ? 100 * v / sum : v;
      most = Math.max(most, value);
      cells.push({ value: [s, n, value] });
    });
  });
  const wide = m.sources.length > 14;
  const head = !wide ? 34 : state.lang === "zh" ? 110 : 170;
  $("matrix").style.height = (head + 8) + 26 * m.values.length + "px";
  for (const c of cells) if (c.value[2] > 0.72 * most) c.label = { color: "#fff" };
  chart("matrix", {
    grid: { left: state.lang === "zh" ? 158 : 96, right: 70, top: head, bottom: 8 },
    tooltip: { ...TIP, formatter: (p) => `${labelOf(m.sources[p.value[0]])} → <b>${cityName(D.regions[p.value[1]])}</b><br>${parts ? share(p.value[2]) + " %" : number(p.value[2]) + " " + UNIT}` },
    xAxis: { type: "category", position: "top", data: m.sources.map(labelOf), axisTick: { show: false }, axisLine: { show: false },
      axisLabel: { color: "#1f242b", interval: 0, rotate: wide ? -60 : 0, fontSize: wide ? 11 : 12.5, width: wide ? head + 10 : undefined, overflow: "truncate" } },
    yAxis: { type: "category", inverse: true, data: D.regions.map(cityName), axisTick: { show: false }, axisLine: { show: false },
      axisLabel: { color: "#1f242b", interval: 0 } },
    visualMap: { min: 0, max: most, orient: "vertical", right: 0, top: "middle", itemHeight: 260, itemWidth: 12, calculable: false,
      text: [number(most) + (parts ? " %" : ""), "0"], textStyle: { color: "#626a75" },
      inRange: { color: ["#fdfcf7", "#f6ecc0", "#f5d183", "#f0ac5b", "#e47f4d", "#cf5350", "#ab335f"] } },
    series: [{ type: "heatmap", data: cells, itemStyle: { borderColor: "#fff", borderWidth: 1 }, emphasis: { disabled: true },
      label: { show: !wide, fontSize: 12, formatter: (p) => (parts ? p.value[2].toFixed(0) : number(p.value[2])), color: "#1f242b" } }]
  }).resize();
}

function drawShares() {
  const s = D.shares;
  $("shares").hidden = $("shares-title").hidden = $("shares-note").hidden = !s;
  if (!s) return;
  const mixed = Math.max(...s.values.map((row) => row[s.parts.indexOf("unresolved")]));
  $("shares-note").textContent = mixed > 5 ? t("shares_note") : "";
  $("shares").style.height = 66 + 24 * s.values.length + "px";
  chart("shares", {
    grid: { left: state.lang === "zh" ? 158 : 96, right: 30, top: 34, bottom: 30 }, legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 10, icon: "rect" },
    tooltip: { ...TIP, trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: (v) => share(v) + " %" },
    xAxis: { type: "value", max: 100, ...GREY, name: "%", nameGap: 6 },
    yAxis: { type: "category", inverse: true, data: D.regions.map(cityName), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { interval: 0 } },
    series: s.parts.map((part, k) => ({ type: "bar", stack: "all", name: t("share." + part), barWidth: "62%",
      color: { local: "#12597a", other_basin: "#e2a93b", outside_basin: "#8d96a1", unresolved: "#dfe3e8" }[part] || HUES[k], data: s.values.map((row) => row[k]),
      emphasis: { disabled: true } }))
  });
}

function drawEffect() {
  $("s-scenario").hidden = !D.head.members.length && !D.before_after;
  $("effect").hidden = $("effect-title").hidden = !D.head.members.length;
  $("effect-title").textContent = t("change") + " · " + UNIT;
  if (!D.head.members.length) return;
  $("effect").style.height = Math.max(320, 26 * D.regions.length * Math.max(1, D.head.members.length * 0.62) + 62) + "px";
  const base = D.means.total;
  const series = D.head.members.map((m, k) => ({ type: "bar", name: m.key, color: [HUES[2], HUES[0], HUES[3], HUES[4]][k % 4], emphasis: { disabled: true },
    data: D.members[m.key].mean.map((v, n) => ({ value: v - base[n], part: 100 * (v - base[n]) / base[n] })),
    label: { show: true, position: "left", fontSize: 11, color: "#4a525c", formatter: (p) => (Math.abs(p.data.value) < 0.005 ? "" :
      `${number(p.data.value, true)} (${share(p.data.part, true)} %)`) } }));
  chart("effect", {
    grid: { left: state.lang === "zh" ? 158 : 96, right: 24, top: 34, bottom: 28 }, legend: { top: 0, left: 0, icon: "rect", itemWidth: 14, itemHeight: 10 },
    tooltip: { ...TIP, formatter: (p) => `<b>${p.name}</b> · ${echarts.format.encodeHTML(p.seriesName)}<br>${number(p.data.value, true)} ${UNIT} (${share(p.data.part, true)} %)` },
    xAxis: { type: "value", ...GREY, max: (v) => Math.max(0, v.max), min: (v) => 1.3 * Math.min(0, v.min),
      axisLabel: { color: "#4a525c", showMinLabel: false, formatter: (v) => (v === 0 ? "0" : number(v)) } },
    yAxis: { type: "category", inverse: true, position: "left", data: D.regions.map(cityName), axisTick: { show: false }, axisLine: { onZero: false, show: false },
      axisLabel: { interval: 0, color: "#1f242b" } },
    series
  }).resize();
}
