// Draws every chart from its specification and lets the legend pick one strategy in all of them.
(async () => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const config = read("chart-config");
  const specs = read("chart-specs");
  const views = [];

  for (const place of document.querySelectorAll("[data-chart]")) {
    const options = { mode: "vega-lite", renderer: "svg", actions: false, ast: true, config, tooltip: { theme: "custom" } };
    try {
      const { view } = await vegaEmbed(place, specs[place.dataset.chart], options);
      views.push(view);
    } catch (error) {
      console.error(error);
      place.textContent = "This chart could not be drawn; its table follows.";
    }
  }

  const buttons = [...document.querySelectorAll("[data-strategy]")];
  const pick = (strategy) => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(strategy !== "" && button.dataset.strategy === strategy));
    }
    for (const view of views) {
      if ("focus" in view.getState().signals) view.signal("focus", strategy).runAsync();
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      pick(button.getAttribute("aria-pressed") === "true" ? "" : button.dataset.strategy);
    });
  }
  document.documentElement.dataset.drawn = String(views.length);
})();
