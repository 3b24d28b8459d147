/* Draws a live code's address as a QR in this page, so that the server has none to draw: dark on white, whatever the colour.
   A browser without modules never gets here and shows the server's picture (code.js). */
import { correction, generate } from "./vendor/lean-qr-2.7.4/index.mjs";

const QUIET_ZONE = 4, NAMES = "http://www.w3.org/2000/svg";

function runsOf(code) {
  let path = "";
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) {
      const start = x;
      while (code.get(x, y)) x += 1;
      if (x > start) path += "M" + (start + QUIET_ZONE) + " " + (y + QUIET_ZONE) + "h" + (x - start) + "v1h-" + (x - start) + "z";
    }
  }
  return path;
}

function element(name, attributes) {
  const made = document.createElementNS(NAMES, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

window.drawCode = function (box, address, label) {
  const code = generate(address, { minCorrectionLevel: correction.M }), side = code.size + 2 * QUIET_ZONE;
  const picture = element("svg", { class: "qr-code", viewBox: "0 0 " + side + " " + side, role: "img", "aria-label": label, "shape-rendering": "crispEdges" });
  picture.append(element("path", { fill: "#fff", d: "M0 0h" + side + "v" + side + "h-" + side + "z" }), element("path", { fill: "#000", d: runsOf(code) }));
  box.replaceChildren(picture);
};
