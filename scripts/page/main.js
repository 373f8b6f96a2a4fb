// What the reader can do, and the first drawing.
function segments(id, choices, chosen, act) {
  fill($(id), ...choices.map(([key, text]) => element("button", { type: "button", "aria-pressed": String(key === chosen), "data-key": key,
    on: { click: () => act(key) } }, text)));
}

function steps() {
  return ["hour", "day", "mean"].filter((s) => D.layers[state.layer][s]);
}

function frameCount() {
  return D.layers[state.layer][state.step].n;
}

function drawControls() {
  const names = { hour: D.times.hours_per_frame === 1 ? t("hour") : t("hours_n", { n: D.times.hours_per_frame }), day: t("day"), mean: t("mean") };
  segments("step", steps().map((s) => [s, names[s]]), state.step, setStep);
  fill($("layer"), ...D.layers.map((layer, n) => element("option", { value: n }, layerName(layer))));
  $("layer").value = state.layer;
  fill($("part-city"), ...D.regions.map((r, n) => element("option", { value: n }, cityName(r))));
  $("part-city").value = state.part;
  $("time").max = frameCount() - 1;
  $("time").value = state.frame;
  $("time").setAttribute("aria-label", t("period"));
  $("slider").classList.toggle("still", frameCount() < 2);
}

function stop() {
  clearInterval(state.timer);
  state.timer = null;
  $("play").textContent = "▶";
}

// Another step keeps the time that is shown, as well as it can.
function setStep(step) {
  const [start] = frameSpan();
  stop();
  state.step = step;
  const at = step === "hour" ? D.times.hour.findIndex((h) => h[1] > start) : step === "day" ? D.times.day.findIndex((d) => d >= start.slice(0, 10)) : 0;
  state.frame = Math.max(0, Math.min(frameCount() - 1, at));
  drawControls();
  drawLegend();
  showFrame();
}

function setLayer(n) {
  stop();
  state.layer = n;
  if (!D.layers[n][state.step]) {
    state.step = steps()[0];
    state.frame = 0;
  }
  state.frame = Math.min(state.frame, frameCount() - 1);
  drawControls();
  drawLegend();
  showFrame();
}

function setFrame(n) {
  state.frame = n;
  $("time").value = n;
  showFrame();
}

function play() {
  if (state.timer) return stop();
  $("play").textContent = "❚❚";
  state.timer = setInterval(() => setFrame((state.frame + 1) % frameCount()), state.step === "hour" ? 180 : 900);
}

function drawAll() {
  document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
  drawHead();
  drawFigures();
  drawControls();
  drawLegend();
  showFrame();
  drawSeries();
  drawParts();
  drawMatrix();
  drawShares();
  drawEffect();
  drawCities();
  drawBeforeAfter();
  drawStandards();
  drawCorridors();
  drawAbout();
}

function resize() {
  for (const id in charts) charts[id].resize();
  drawMap();
  drawCorridors();
}

function start() {
  const order = D.means.total.map((v, n) => n).sort((a, b) => D.means.total[b] - D.means.total[a]);
  const first = ["510100", "500000"].map((code) => D.regions.findIndex((r) => r.adcode === code)).filter((n) => n >= 0);
  for (const n of [...first, ...order]) if (state.cities.size < 4) state.cities.add(n);
  state.part = first.length ? first[0] : order[0];
  $("language").addEventListener("click", (e) => {
    if (!e.target.dataset.lang) return;
    state.lang = e.target.dataset.lang;
    drawAll();
  });
  $("print").addEventListener("click", () => window.print());
  $("layer").addEventListener("change", (e) => setLayer(Number(e.target.value)));
  $("part-city").addEventListener("change", (e) => { state.part = Number(e.target.value); drawParts(); });
  $("time").addEventListener("input", (e) => { stop(); setFrame(Number(e.target.value)); });
  $("play").addEventListener("click", play);
  $("names").addEventListener("change", (e) => { state.names = e.target.checked; drawMap(); });
  map.canvas.addEventListener("mousemove", pointAt);
  map.canvas.addEventListener("mouseleave", leaveMap);
  map.canvas.addEventListener("click", () => { if (map.hover >= 0) toggleCity(map.hover); });
  let timer;
  window.addEventListener("resize", () => { clearTimeout(timer); timer = setTimeout(resize, 80); });
  window.matchMedia("print").addEventListener("change", resize);
  // a page for print shows the whole period unless the reader chose a time
  if (D.layers[0].day) state.step = "day";
  drawAll();
}

start();
