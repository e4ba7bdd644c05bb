"use strict";

/* A graph and the tables of the same proof, or of one of its cases. */
class Explorer {
  constructor(proof) {
    this.svg = proof.querySelector("svg");
    this.scroller = proof.querySelector(".scroller");
    this.status = proof.querySelector(".status");
    this.marked = proof.querySelectorAll("[data-line]");
    this.edges = proof.querySelectorAll("[data-to]");
    this.nodes = new Map();
    for (const node of this.svg.querySelectorAll("[data-line]")) this.nodes.set(node.dataset.line, node);
    proof.addEventListener("focusin", (event) => {
      const element = event.target.closest("[data-line]");
      if (!element) return;
      this.choose(element.dataset.line);
      if (element.tagName === "TR") this.reveal(this.nodes.get(element.dataset.line));
    });
    proof.addEventListener("click", (event) => {
      const element = event.target.closest("[data-line]");
      if (element) {
        element.focus();
        this.choose(element.dataset.line);
      } else if (event.target.closest("svg")) {
        this.choose(null);
      }
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.choose(null);
    });
    proof.querySelector("input").addEventListener("change", (event) => {
      this.scroller.classList.toggle("fitted", event.target.checked);
    });
  }

  withAncestors(line) {
    const found = new Set();
    const pending = [line];
    while (pending.length) {
      const next = pending.pop();
      if (found.has(next)) continue;
      found.add(next);
      pending.push(...this.nodes.get(next).dataset.parents.split(" ").filter(Boolean));
    }
    return found;
  }

  choose(line) {
    const lit = line === null ? new Set() : this.withAncestors(line);
    this.svg.classList.toggle("choosing", line !== null);
    for (const element of this.marked) {
      element.classList.toggle("lit", lit.has(element.dataset.line));
      element.classList.toggle("chosen", element.dataset.line === line);
    }
    for (const edge of this.edges) edge.classList.toggle("lit", lit.has(edge.dataset.to));
    this.status.textContent = line === null ? "" : this.nodes.get(line).getAttribute("aria-label");
  }

  reveal(node) {
    const box = node.getBoundingClientRect();
    const frame = this.scroller.getBoundingClientRect();
    if (box.left < frame.left || box.right > frame.right) {
      this.scroller.scrollLeft += (box.left + box.right - frame.left - frame.right) / 2;
    }
    if (box.top < frame.top || box.bottom > frame.bottom) {
      this.scroller.scrollTop += (box.top + box.bottom - frame.top - frame.bottom) / 2;
    }
  }
}

for (const proof of document.querySelectorAll(".proof")) new Explorer(proof);

const cases = document.querySelectorAll("details");
const all = document.querySelector(".all");
if (all) all.addEventListener("change", () => cases.forEach((part) => { part.open = all.checked; }));
window.addEventListener("beforeprint", () => cases.forEach((part) => { part.open = true; }));
