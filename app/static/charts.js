/* Draws each table of the dashboard as a chart: its first column along the bottom, every other column a line. */
(() => {
  "use strict";
  const cells = (row) => [...row.cells].map((cell) => cell.textContent.trim());
  const style = getComputedStyle(document.documentElement);
  const colors = ["--brand", "--red"].map((name) => style.getPropertyValue(name).trim());
  const ink = style.getPropertyValue("--ink-2").trim();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const locale = document.documentElement.lang.startsWith("zh") ? "ZH" : "EN";

  const draw = (place) => {
    const details = document.getElementById(place.dataset.chart);
    const [head, ...rows] = [...details.querySelectorAll("tr")].map(cells);
    place.hidden = false;
    details.open = false;
    const chart = echarts.init(place, null, { renderer: "canvas", locale });
    chart.setOption({
      animation: !still,
      color: colors,
      textStyle: { color: ink, fontFamily: style.getPropertyValue("--sans") },
      // A tooltip of HTML would need styles that the policy forbids.
      tooltip: { trigger: "axis", renderMode: "richText", confine: true },
      legend: { top: 0, data: head.slice(1) },
      grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
      xAxis: { type: "category", data: rows.map((row) => row[0]) },
      yAxis: { type: "value", minInterval: 1 },
      series: head.slice(1).map((name, at) => ({
        name, type: "line", symbol: at ? "diamond" : "circle", lineStyle: { type: at ? "dashed" : "solid" },
        data: rows.map((row) => Number(row[at + 1])),
      })),
    });
    new ResizeObserver(() => chart.resize()).observe(place);
    place.dataset.drawn = "yes";
  };
  for (const place of document.querySelectorAll("[data-chart]")) draw(place);
})();
