"use strict";
const svg = document.querySelector("svg");
const scroller = document.querySelector(".scroller");
const status = document.querySelector(".status");
const marked = document.querySelectorAll("[data-line]");
const edges = document.querySelectorAll("[data-to]");
const nodes = new Map();
for (const node of svg.querySelectorAll("[data-line]")) nodes.set(node.dataset.line, node);

function withAncestors(line) {
  const found = new Set();
  const pending = [line];
  while (pending.length) {
    const next = pending.pop();
    if (found.has(next)) continue;
    found.add(next);
    pending.push(...nodes.get(next).dataset.parents.split(" ").filter(Boolean));
  }
  return found;
}

function choose(line) {
  const lit = line === null ? new Set() : withAncestors(line);
  svg.classList.toggle("choosing", line !== null);
  for (const element of marked) {
    element.classList.toggle("lit", lit.has(element.dataset.line));
    element.classList.toggle("chosen", element.dataset.line === line);
  }
  for (const edge of edges) edge.classList.toggle("lit", lit.has(edge.dataset.to));
  status.textContent = line === null ? "" : nodes.get(line).getAttribute("aria-label");
}

function reveal(node) {
  const box = node.getBoundingClientRect();
  const frame = scroller.getBoundingClientRect();
  if (box.left < frame.left || box.right > frame.right) {
    scroller.scrollLeft += (box.left + box.right - frame.left - frame.right) / 2;
  }
  if (box.top < frame.top || box.bottom > frame.bottom) {
    scroller.scrollTop += (box.top + box.bottom - frame.top - frame.bottom) / 2;
  }
}

document.addEventListener("focusin", (event) => {
  const element = event.target.closest("[data-line]");
  if (!element) return;
  choose(element.dataset.line);
  if (element.tagName === "TR") reveal(nodes.get(element.dataset.line));
});
document.addEventListener("click", (event) => {
  const element = event.target.closest("[data-line]");
  if (element) {
    element.focus();
    choose(element.dataset.line);
  } else if (event.target.closest("svg")) {
    choose(null);
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") choose(null);
});
document.querySelector("input").addEventListener("change", (event) => {
  scroller.classList.toggle("fitted", event.target.checked);
});
