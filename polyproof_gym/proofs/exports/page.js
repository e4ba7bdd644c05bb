"use strict";

const MILLISECONDS = 1100; // for a step that is played

/* The derivation of a proof, or of one of its cases, as a graph, and the tables that say the same. */
class Derivation {
  constructor(proof) {
    this.proof = proof;
    this.svg = proof.querySelector("svg.derivation");
    this.scroller = proof.querySelector(".scroller");
    this.marked = proof.querySelectorAll("[data-line]");
    this.edges = proof.querySelectorAll("[data-to]");
    this.nodes = new Map();
    for (const node of this.svg.querySelectorAll("[data-line]")) this.nodes.set(node.dataset.line, node);
    proof.querySelector(".graph input").addEventListener("change", (event) => {
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
    if (line !== null) this.reveal(this.nodes.get(line));
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

/* The graph that the problem is about, where it is about one. */
class Graph {
  constructor(svg) {
    this.vertices = [...svg.querySelectorAll("[data-vertex]")];
    this.edges = new Map();
    for (const edge of svg.querySelectorAll("[data-edge]")) this.edges.set(edge.dataset.edge, edge);
  }

  show(step, path) {
    const numbers = (text) => (text ? text.split(" ") : []);
    const cliques = step && step.dataset.cliques ? step.dataset.cliques.split(";").map(numbers) : [];
    const members = new Set(step ? [...numbers(step.dataset.members), ...cliques.flat()] : []);
    const taken = new Set(path.flatMap((part) => numbers(part.dataset.taken)));
    const left = new Set(path.flatMap((part) => numbers(part.dataset.left)));
    const moments = step ? step.dataset.moments : null;
    this.vertices.forEach((vertex, i) => {
      const name = String(i);
      vertex.classList.toggle("member", members.has(name));
      vertex.classList.toggle("factor", Boolean(step) && step.dataset.factor === name);
      vertex.classList.toggle("taken", taken.has(name));
      vertex.classList.toggle("left", left.has(name));
      vertex.style.setProperty("--share", `${moments ? 10 * parseInt(moments[i], 16) : 0}%`);
    });
    for (const edge of this.edges.values()) edge.removeAttribute("class");
    for (const [name, edge] of this.edges) {
      if (name.split(" ").some((end) => left.has(end) || taken.has(end))) edge.classList.add("left");
    }
    cliques.forEach((clique, k) => {
      for (const i of clique) {
        for (const j of clique) {
          const edge = this.edges.get(`${i} ${j}`);
          if (edge) edge.classList.add("in", `hue${k % 6}`);
        }
      }
    });
  }
}

/* The way through a whole page, step by step. */
class Walk {
  constructor(main) {
    this.steps = [...main.querySelectorAll("[data-step]")];
    this.derivations = [...document.querySelectorAll(".proof")].map((proof) => new Derivation(proof));
    const svg = main.querySelector("svg.vertices");
    this.graph = svg ? new Graph(svg) : null;
    this.stage = main.querySelector(".stage");
    this.mark = main.querySelector(".mark");
    this.bound = main.querySelector("output");
    this.status = main.querySelector(".status");
    this.hint = this.status.textContent;
    this.position = main.querySelector(".position");
    this.buttons = new Map();
    for (const button of main.querySelectorAll("[data-go]")) {
      this.buttons.set(button.dataset.go, button);
      button.addEventListener("click", () => this.press(button.dataset.go));
    }
    main.addEventListener("click", (event) => this.clicked(event));
    main.addEventListener("focusin", (event) => {
      const element = event.target.closest("[data-line], tr[data-step]");
      if (element && element.matches(":focus-visible")) this.pick(element);
    });
    document.addEventListener("keydown", (event) => this.key(event));
    this.go(-1);
  }

  press(name) {
    if (name === "play") return this.timer ? this.pause() : this.play();
    this.pause();
    this.go({ first: -1, previous: this.at - 1, next: this.at + 1, last: this.steps.length - 1 }[name]);
  }

  play() {
    if (this.at === this.steps.length - 1) this.go(-1);
    this.timer = setInterval(() => {
      this.go(this.at + 1);
      if (this.at === this.steps.length - 1) this.pause();
    }, MILLISECONDS);
    this.buttons.get("play").textContent = "❚❚ pause";
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.buttons.get("play").textContent = "▶ play";
  }

  key(event) {
    const isElsewhere = event.target.matches("input, .tall, .scroller") || event.ctrlKey || event.altKey || event.metaKey;
    const name = { ArrowRight: "next", ArrowLeft: "previous", Home: "first", End: "last" }[event.key];
    if (event.key === "Escape") {
      this.pause();
      this.go(-1);
    } else if (name && !isElsewhere) {
      event.preventDefault();
      this.press(name);
    }
  }

  clicked(event) {
    const element = event.target.closest("[data-line], [data-step]");
    if (element) {
      if (!element.matches("summary")) element.focus({ preventScroll: true });
      this.pause();
      this.pick(element, false);
    } else if (event.target.closest("svg.derivation")) {
      this.go(-1);
    }
  }

  /* Go to the step that an element of the page is about. */
  pick(element, isMoving = true) {
    const line = element.dataset.line;
    const about = line === undefined ? element : [...element.closest(".proof").querySelectorAll("tr[data-step]")].find(
      (row) => row.dataset.line === line);
    this.go(this.steps.indexOf(about), isMoving && element !== about);
  }

  go(k, isMoving = true) {
    this.at = Math.max(-1, Math.min(k, this.steps.length - 1));
    const step = this.at < 0 ? null : this.steps[this.at];
    const path = [];
    for (let part = step ? step.closest("details") : null; part; part = part.parentElement.closest("details")) {
      if (!step.matches("summary") || part !== step.parentElement) part.open = true;
      path.push(part.querySelector("summary"));
    }
    for (const element of this.steps) element.classList.toggle("present", element === step);
    for (const derivation of this.derivations) {
      derivation.choose(step && derivation.proof.contains(step) ? step.dataset.line : null);
    }
    if (this.graph) this.graph.show(step, path);
    this.tell(step);
    this.showBound(step || this.steps.find((row) => row.dataset.at));
    const isInSight = getComputedStyle(this.stage).position === "sticky"; // elsewhere the player itself would be scrolled away
    if (step && isMoving && isInSight) step.scrollIntoView({ block: "nearest" });
    this.position.textContent = `${this.at + 1} / ${this.steps.length}`;
    for (const name of ["first", "previous"]) this.buttons.get(name).disabled = this.at < 0;
    for (const name of ["next", "last"]) this.buttons.get(name).disabled = this.at === this.steps.length - 1;
  }

  tell(step) {
    const copy = (part) => [...part.childNodes].map((node) => node.cloneNode(true)); // indices included
    if (!step) this.status.textContent = this.hint;
    else if (step.dataset.step === "case") this.status.replaceChildren(...copy(step));
    else if (step.dataset.step === "bound") this.status.textContent = `Together: ${step.dataset.result}.`;
    else {
      const [label, formula, words] = step.children;
      const reason = document.createElement("span");
      reason.className = "reason";
      reason.append(...copy(words));
      this.status.replaceChildren(...copy(label), " ", ...copy(formula), reason);
    }
  }

  showBound(step) {
    if (!this.mark || !step) return;
    const [x, y] = step.dataset.at.split(" ");
    this.mark.setAttribute("cx", x);
    this.mark.setAttribute("cy", y);
    this.bound.textContent = step.dataset.bound;
  }
}

new Walk(document.querySelector("main"));

const cases = document.querySelectorAll("details");
const all = document.querySelector(".all");
if (all) all.addEventListener("change", () => cases.forEach((part) => { part.open = all.checked; }));
window.addEventListener("beforeprint", () => cases.forEach((part) => { part.open = true; }));
