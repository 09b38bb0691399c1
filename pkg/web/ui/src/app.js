// The dashboard's script. It draws the charts and keeps the front page moving;
// without it every figure is there as text. All text goes in as text nodes.
import "uplot/dist/uPlot.min.css";
import { draw } from "./chart.js";
import { follow } from "./live.js";

for (const plot of document.querySelectorAll(".plot")) draw(plot);
if (document.querySelector('[data-live="recent"]')) follow(document);
