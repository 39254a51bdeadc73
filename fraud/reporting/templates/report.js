// Draws every chart from its specification, lets the legend pick one strategy in all of them, and shows what a budget finds.
(async () => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const config = read("chart-config");
  const specs = read("chart-specs");
  const choices = read("choices");
  const views = [];

  for (const chart of document.querySelectorAll("[data-chart]")) {
    const options = { mode: "vega-lite", renderer: "svg", actions: false, ast: true, config, tooltip: { theme: "custom" } };
    try {
      const { view } = await vegaEmbed(chart, specs[chart.dataset.chart], options);
      views.push(view);
    } catch (error) {
      console.error(error);
      chart.textContent = "This chart could not be drawn; its table follows.";
    }
  }
  const signal = (name, value) => {
    for (const view of views) {
      if (name in view.getState().signals) view.signal(name, value).runAsync();
    }
  };

  // The curve at so many alerts a day, interpolated linearly; null beyond its ends.
  const readOff = (curve, alerts) => {
    const at = curve.alerts_per_day;
    const right = at.findIndex((value) => value >= alerts);
    if (right < 0 || alerts < at[0]) return null;
    const left = Math.max(right - 1, 0);
    const share = right === left ? 0 : (alerts - at[left]) / (at[right] - at[left]);
    const between = (values) => values[left] + share * (values[right] - values[left]);
    const raised = curve.recall.map((found, n) => (curve.precision[n] ? found / curve.precision[n] : 0));
    return { found: between(curve.recall), raised: between(raised) };
  };
  const of100 = (share) => {
    if (share > 0 && share < 0.005) return "fewer than 1";
    return share >= 0.995 && share < 1 ? "more than 99" : (100 * share).toFixed(0);
  };
  const aDay = (alerts) => `${alerts.toLocaleString("en")} alert${alerts === 1 ? "" : "s"} a day`;
  const sentence = (strategy, alerts) => {
    const curve = choices.curves[strategy];
    const now = readOff(curve, alerts);
    if (now === null) return `The curve of ${choices.called[strategy]} does not reach ${aDay(alerts)}.`;
    const then = readOff(curve, alerts + choices.more);
    const start = `At ${aDay(alerts)} ${choices.called[strategy]} finds ${of100(now.found)} of 100 frauds`;
    const falsely = now.found > 0 ? `, with ${((now.raised - now.found) / now.found).toFixed(1)} false alarms for each` : "";
    if (then === null) return `${start}${falsely}.`;
    const gain = 100 * (then.found - now.found);
    const more = gain < 0.5 ? "fewer than 1" : `about ${gain.toFixed(0)}`;
    return `${start}${falsely}; ${choices.more} more would find ${more} more of 100 frauds.`;
  };
  const slider = document.getElementById("choice");
  let followed = choices && choices.leading;
  const choose = () => {
    const alerts = Number(slider.value);
    const text = sentence(followed, alerts);
    document.getElementById("chosen").textContent = text;
    slider.setAttribute("aria-valuetext", text);
    signal("at", alerts);
  };
  if (slider) slider.addEventListener("input", choose);

  const buttons = [...document.querySelectorAll("[data-strategy]")];
  const pick = (strategy) => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(strategy !== "" && button.dataset.strategy === strategy));
    }
    signal("focus", strategy);
    if (slider) {
      followed = strategy in choices.curves ? strategy : choices.leading;
      choose();
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      pick(button.getAttribute("aria-pressed") === "true" ? "" : button.dataset.strategy);
    });
  }
  document.documentElement.dataset.drawn = String(views.length);
})();
