// Figures, tables and the text at the end.
function table(columns, rows, options) {
  const o = options || {};
  const head = element("tr", {}, ...columns.map((c, k) => element("th", { class: (c.n ? "n" : "") + (o.sort ? " sort" : ""), scope: "col",
    on: o.sort ? { click: () => o.sort(k) } : {} }, c.text, c.unit ? element("small", {}, " " + c.unit) : null)));
  return element("div", { class: "scroll" }, element("table", {}, o.caption ? element("caption", {}, o.caption) : null, element("thead", {}, head),
    element("tbody", {}, ...rows.map((row, r) => element("tr", { class: o.sum && r === rows.length - 1 ? "sum" : undefined }, ...row.map((v, k) => element("td", { class: columns[k].n ? "n" : "" }, v)))))));
}

function drawFigures() {
  const means = D.means.total, best = means.indexOf(Math.max(...means)), out = [];
  const figure = (what, value, unit, note) => out.push(element("div", { class: "figure" }, element("div", { class: "what" }, what),
    element("div", { class: "value" }, value, element("small", {}, unit || "")), element("div", { class: "note" }, note)));
  figure(t("highest_mean"), number(means[best]), UNIT, cityName(D.regions[best]));
  if (D.peak) {
    const n = D.peak.reduce((a, p, k) => (p[0] !== null && (a < 0 || p[0] > D.peak[a][0]) ? k : a), -1);
    if (n >= 0) figure(t("highest_day"), number(D.peak[n][0]), UNIT, cityName(D.regions[n]) + " · " + D.peak[n][1]);
  }
  const sorted = [...means].sort((a, b) => a - b), middle = (sorted.length - 1) / 2;
  figure(t("basin_mean"), number((sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2), UNIT, t("cities_n", { n: means.length }));
  if (D.labels.length) {
    const sum = (a) => a.reduce((x, y) => x + y, 0), all = sum(means);
    const top = D.labels.reduce((a, b) => (sum(D.means.tags[b]) > sum(D.means.tags[a]) ? b : a));
    figure(t("largest_source"), labelName(top), "", t("largest_source_note", { p: share(100 * sum(D.means.tags[top]) / all) + " %" }));
  }
  for (const m of D.head.members.slice(0, 1)) {
    const change = D.members[m.key].mean.map((v, n) => v - means[n]), n = change.indexOf(Math.min(...change));
    figure(t("largest_cut"), number(change[n], true), UNIT, cityName(D.regions[n]) + " · " + share(100 * change[n] / means[n], true) + " % · " + m.key);
  }
  fill($("figures"), ...out);
}

function drawHead() {
  const h = D.head;
  const title = told(h.title) || h.case;
  document.title = $("title").textContent = h.plan ? told(h.plan) : title;
  $("subtitle").textContent = (h.plan ? title + " · " : "") + `${h.start.replace("T", " ")} – ${h.end.replace("T", " ")} ${t("local_time")} · ${t("case")} ${h.case}`;
  const n = h.assumed.length, notices = [];
  if (h.primary) notices.push(element("p", { class: "notice" }, element("b", {}, t("primary_head")), " ", t("primary_text")));
  notices.push(element("p", { class: "notice" + (/idealised/i.test(h.weather) ? " warn" : "") }, element("b", {}, t("weather_head")), told(h.weather) || "–",
    state.lang === "zh" ? "。" : ". ", n > 1 ? t("assumed_n", { n }) : n === 1 ? t("assumed_1") : ""));
  fill($("notices"), ...notices);
  document.querySelectorAll("[data-t]").forEach((e) => { e.textContent = t(e.dataset.t); });
  document.querySelectorAll("#language button").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.lang === state.lang)));
  $("foot").textContent = t("made") + " " + h.version;
}

const sorting = { column: -1, down: true };

function drawCities() {
  $("table-lead").textContent = t("table_lead_means");
  const columns = [{ text: t("city") }, { text: t("code") }, { text: t("group") }, { text: t("mean_col"), unit: UNIT, n: true }];
  if (D.peak) columns.push({ text: t("peak_col"), unit: UNIT, n: true }, { text: t("peak_date") });
  if (D.labels.length) columns.push({ text: t("first_source") });
  for (const m of D.head.members) columns.push({ text: m.key, unit: UNIT, n: true }, { text: "Δ", unit: "%", n: true });
  const most = Math.max(...D.means.total);
  const rows = D.regions.map((r, n) => {
    const mean = D.means.total[n], keys = [cityName(r), r.adcode, r.group, mean];
    const cells = [cityName(r), r.adcode, groupName(r.group), element("span", {}, element("span", { class: "cellbar", style: `width:${(70 * mean / most).toFixed(0)}px` }), number(mean))];
    if (D.peak) {
      cells.push(number(D.peak[n][0]), D.peak[n][1]);
      keys.push(D.peak[n][0], D.peak[n][1]);
    }
    if (D.labels.length) {
      const top = D.labels.reduce((a, b) => (D.means.tags[b][n] > D.means.tags[a][n] ? b : a));
      cells.push(labelName(top) + " " + (100 * D.means.tags[top][n] / mean).toFixed(0) + " %");
      keys.push(D.means.tags[top][n]);
    }
    for (const m of D.head.members) {
      const v = D.members[m.key].mean[n];
      cells.push(number(v), share(100 * (v - mean) / mean, true));
      keys.push(v, (v - mean) / mean);
    }
    return { cells, keys };
  });
  if (sorting.column >= 0) {
    const k = sorting.column, sign = sorting.down ? -1 : 1;
    rows.sort((a, b) => sign * (typeof a.keys[k] === "number" ? a.keys[k] - b.keys[k] : String(a.keys[k]).localeCompare(String(b.keys[k]), state.lang)));
  }
  fill($("cities"), table(columns, rows.map((r) => r.cells), { sort: (k) => {
    sorting.down = sorting.column === k ? !sorting.down : true;
    sorting.column = k;
    drawCities();
  } }));
}

function groupName(group) {
  const entry = W["group." + group];
  return entry ? entry[state.lang] : group;
}

function sums(rows, of) {
  const out = new Map();
  for (const row of rows) {
    const key = of(row), sum = out.get(key) || [0, 0, row];
    out.set(key, [sum[0] + row[5], sum[1] + row[6], sum[2]]);
  }
  return [...out.values()];
}

// Emissions before and after: sums by sector and by region of one scenario and species.
function drawBeforeAfter() {
  const all = D.before_after;
  $("before-after").hidden = !all;
  if (!all) return;
  const scenario = all.scenarios[state.scenario] || all.scenarios[0], species = [...new Set(scenario.rows.map((r) => r[4]))];
  if (!species.includes(state.species)) state.species = species[0];
  segments("scenario-choice", all.scenarios.length > 1 ? all.scenarios.map((s, n) => [n, s.key]) : [], state.scenario, (n) => { state.scenario = n; drawBeforeAfter(); });
  segments("species-choice", species.length > 1 ? species.map((s) => [s, labelName(s)]) : [], state.species, (s) => { state.species = s; drawBeforeAfter(); });
  const rows = scenario.rows.filter((r) => r[4] === state.species);
  const columns = (head) => [{ text: head }, { text: t("before"), unit: "t d⁻¹", n: true }, { text: t("after"), unit: "t d⁻¹", n: true },
    { text: t("cut"), unit: "t d⁻¹", n: true }, { text: t("cut"), unit: "%", n: true }];
  const cells = (name, [before, after]) => [name, number(before), number(after), number(before - after), share(100 * (before - after) / before)];
  const total = sums(rows, () => "")[0] || [0, 0];
  const table_of = (head, parts, name) => table(columns(head), [...parts.sort((a, b) => b[0] - b[1] - a[0] + a[1]).map((p) => cells(name(p[2]), p)), cells(t("sum"), total)], { sum: true });
  const region = (r) => {
    const known = D.regions.find((x) => x.adcode === r[0]);
    return known ? cityName(known) : r[0] ? (state.lang === "zh" ? r[1] : r[2]) : labelName("elsewhere");
  };
  const window_of = scenario.window.map((s) => local(s)).join(" – ");
  fill($("before-after-tables"), element("p", { class: "lead wide" }, t("before_after_lead", { s: scenario.key, w: window_of, p: labelName(state.species) })),
    table_of(t("sector"), sums(rows, (r) => r[3]), (r) => labelName(r[3])), table_of(t("region"), sums(rows, (r) => r[0]), region),
    all.notes.length ? element("ul", { class: "notes" }, ...all.notes.map((n) => element("li", {}, told(n)))) : null);
}

// "2015-01-12T16:00:00Z" as UTC+8.
function local(text) {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? text : new Date(ms + 8 * 36e5).toISOString().slice(0, 16).replace("T", " ");
}

// Classes of the index, as HJ 633 colours them.
const AIR = { "优": "#00b400", "良": "#e6c700", "轻度污染": "#ff7e00", "中度污染": "#e00000", "重度污染": "#99004c", "严重污染": "#7e0023" };

function drawStandards() {
  const s = D.standards;
  $("standards").hidden = !s;
  if (!s) return;
  const member = s.members[state.verdict] || s.members[0], col = (row, name) => row[s.columns.indexOf(name)];
  segments("verdict-choice", s.members.length > 1 ? s.members.map((m, n) => [n, m.key === "base" ? t("base") : m.key]) : [], state.verdict, (n) => { state.verdict = n; drawStandards(); });
  const with_target = member.rows.some((r) => r && col(r, "target") !== null), changed = s.members.length > 1 && member !== s.members[0];
  const bound = member.rows.some((r) => r && col(r, "basis") !== "observed"), seen = member.rows.some((r) => r && col(r, "basis") === "observed");
  const columns = [{ text: t("city") }, { text: t("judged_mean"), unit: UNIT, n: true }, { text: t("peak_col"), unit: UNIT, n: true }, { text: t("index"), n: true },
    { text: t("class") }, { text: t("good_days"), n: true }, { text: t("heavy_days"), n: true }, { text: t("over_days"), n: true }, { text: t("alert") },
    { text: t("limit"), unit: UNIT, n: true }, { text: t("standing") }];
  if (with_target) columns.push({ text: t("target"), unit: UNIT, n: true }, { text: t("standing") });
  if (changed) columns.push({ text: "Δ", unit: "%", n: true });
  const whole = (v) => (v === null ? "–" : String(Math.round(v)));
  const rows = member.rows.map((r, n) => {
    if (!r) return null;
    const low = col(r, "basis") !== "observed", star = low && seen ? " *" : "", least = low ? "≥ " : "", days = col(r, "days"), air = col(r, "class_highest");
    const cells = [cityName(D.regions[n]) + star, number(col(r, "pm25_mean")), number(col(r, "pm25_highest")), least + whole(col(r, "index_highest")),
      element("span", {}, low ? t("at_least") : element("i", { class: "dot", style: "background:" + (AIR[air] || "#999") }), W["air." + air] ? t("air." + air) : air),
      whole(col(r, "good_days_at_most")) + " / " + whole(days), whole(col(r, "heavy_days_at_least")), whole(col(r, "days_over_24h_limit")), t("alert_" + (col(r, "alert") || "none")),
      number(col(r, "annual_limit")), col(r, "against_limit") ? t("standing_" + col(r, "against_limit")) : "–"];
    if (with_target) cells.push(number(col(r, "target")), col(r, "against_target") ? t("standing_" + col(r, "against_target")) : "–");
    if (changed) cells.push(share(col(r, "change_percent"), true));
    return cells;
  }).filter((r) => r);
  const notes = [bound && !seen ? t("basis_bound") : t("basis_observed"), bound && seen ? t("basis_some") : "", t("basis_rest")].filter((x) => x);
  const standard = s.notes.find((n) => n.startsWith("standard: "));
  fill($("standards-table"), element("p", { class: "lead wide" }, notes.join(" ")),
    table(columns, rows, { caption: standard ? standard.slice(10).replaceAll("ug m-3", "µg m⁻³") : undefined }),
    s.notes.length ? element("details", {}, element("summary", {}, t("notes")), element("ul", { class: "notes", lang: "en" }, ...s.notes.map((n) => element("li", {}, n)))) : null);
}

function drawAbout() {
  const h = D.head, list = [];
  const row = (key, ...value) => list.push(element("dt", {}, t(key)), element("dd", {}, ...value));
  row("case", h.case + (h.is_set ? " · " + ["base", ...h.members.map((m) => m.key)].join(", ") : ""));
  row("period", `${h.start.replace("T", " ")} – ${h.end.replace("T", " ")} ${t("local_time")}`);
  row("weather", told(h.weather));
  if (h.assumed.length) row("assumed", element("ul", {}, ...h.assumed.map((a) => element("li", {}, told(a)))));
  if (h.grid.nx) row("grid", t("grid_text", h.grid));
  const total = D.layers[0];
  row("precision", t("precision_text", { e: number(Math.max(...["hour", "day", "mean"].filter((s) => total[s]).map((s) => total[s].error))) }));
  if (D.mesh.cells > 1) row("blocks", t("blocks_text", { n: D.mesh.cells }));
  row("borders", t("borders_text"));
  row("version", h.version);
  row("inputs", element("details", {}, element("summary", {}, t("inputs_n", { n: h.inputs.length })),
    element("pre", {}, h.inputs.map((i) => `${i.fnv1a64}  ${i.bytes}  ${i.file}`).join("\n"))));
  row("licences", element("details", {}, element("summary", {}, t("licences_text")), element("pre", {}, $("licences").textContent.trim())));
  fill($("about"), element("dl", {}, ...list));
}
