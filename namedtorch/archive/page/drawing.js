"use strict";
// Draws the graph that stands in the page as data, and lets one fold it and look around. All texts are set as text,
// never as markup: they come out of a file that nobody vouches for.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const PAD = 12;

  const figure = document.getElementById("drawing");
  const stage = figure.querySelector(".stage");
  const about = figure.querySelector(".about");
  const said = about.textContent;
  const model = foldable(JSON.parse(document.getElementById("drawing-data").textContent));
  const { parts, nodes, depth, within, isUnfolded } = model;
  const { laidOut, look, width, widthOfPin, heightOfPin, short, count } = layouts(model);

  if (model.excess()) {
    figure.querySelector(".tools").remove();
    stage.remove();
    about.textContent = `The outermost module calls ${count(model.excess(), "function or module", "functions and modules")}: too much for a picture. namedtorch inspect --json has it all.`;
    figure.hidden = false;
    return;
  }

  // The picture

  function make(name, attributes, ...inside) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...inside);
    return element;
  }

  function text(content, x, y, kind, anchor = "middle") {
    const element = make("text", { x, y, class: kind, "text-anchor": anchor });
    element.textContent = content;
    return element;
  }

  function curve(points) {
    const at = (point) => `${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
    const middle = (one, other) => ({ x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 });
    let path = `M${at(points[0])}`;
    for (let place = 1; place < points.length - 1; place++) {
      const next = place === points.length - 2 ? points[place + 1] : middle(points[place], points[place + 1]);
      path += `Q${at(points[place])} ${at(next)}`;
    }
    return points.length === 2 ? `${path}L${at(points[1])}` : path;
  }

  function tell(element, lines) {
    const show = () => {
      about.replaceChildren(
        ...lines.filter(Boolean).map((line, place) => {
          const row = document.createElement(place ? "div" : "strong");
          row.textContent = line;
          return row;
        }),
      );
    };
    element.addEventListener("pointerenter", show);
    element.addEventListener("focus", show);
    element.addEventListener("pointerleave", () => (about.textContent = said));
  }

  function button(element, part, name) {
    const open = isUnfolded(part);
    element.setAttribute("role", "button");
    element.setAttribute("tabindex", "0");
    element.setAttribute("aria-expanded", String(open));
    element.setAttribute("aria-label", `${open ? "fold" : "unfold"} ${name}`);
    element.dataset.part = String(part);
    const act = () => toggle(part);
    element.addEventListener("click", () => !moved && act());
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      act();
    });
  }

  function drawnBox(graph, key) {
    const { x, y, width: least, height: h, part } = graph.node(key);
    const { kind, path, parent } = parts[part];
    const name = `${kind} ${path}`;
    const full = width(`${kind} `, "label") + width(short(path, parent), "path") + 44;
    const w = Math.min(least + PAD * 2, Math.max(least, full));
    const left = x - w / 2;
    const top = y - h / 2;
    const head = make("g", { class: "head" });
    head.append(
      make("rect", { x: left, y: top, width: w, height: HEADING, rx: 8, class: "bar" }),
      text("\u2212", left + 14, top + 16, "sign"),
      fitted(`${kind} `, short(path, parent), left + 26, top + 16, w - 32),
    );
    button(head, part, name);
    tell(head, [kind, path, count(within[part], "node")]);
    return [make("rect", { x: left, y: top, width: w, height: h, rx: 8, class: "frame" }), head];
  }

  function fitted(kind, path, x, y, room) {
    const element = make("text", { x, y, "text-anchor": "start" });
    const first = make("tspan", { class: "label" });
    first.textContent = kind;
    element.append(first);
    if (width(kind, "label") + width(path, "path") + 6 <= room) {
      const second = make("tspan", { class: "path", dx: 6 });
      second.textContent = path;
      element.append(second);
    } else if (width(kind, "label") > room) {
      const keep = Math.max(2, Math.floor((kind.length * room) / width(kind, "label")) - 1);
      first.textContent = `${kind.slice(0, keep)}\u2026`;
    }
    return element;
  }

  function drawnNode(graph, key) {
    const { x, y, own: room, pins, kind, lines, aside, part, node } = graph.node(key);
    const { width: w, height: h } = room;
    const left = x - w / 2;
    const top = y - h / 2;
    const rounded = kind === "input" || kind === "output" ? h / 2 : kind === "state" ? 3 : 6;
    const group = make("g", { class: `node ${kind}` });
    if (kind === "folded") {
      group.append(make("rect", { x: left + 5, y: top + 5, width: w, height: h, rx: rounded, class: "behind" }));
    }
    group.append(make("rect", { x: left, y: top, width: w, height: h, rx: rounded, class: "shape" }));
    const rows = [...lines.map((line, place) => [line, place ? "path" : "label"]), ...(aside ? [[aside, "aside"]] : [])];
    const first = rows.length === 1 ? y + 4.5 : top + 18;
    rows.forEach(([line, style], place) => group.append(text(line, x, first + 15 * place, style)));
    if (kind === "folded") {
      group.append(text("+", left + w - 11, top + 15, "sign"));
      button(group, part, `${parts[part].kind} ${parts[part].path}`);
      tell(group, [parts[part].kind, parts[part].path, `${count(within[part], "node")}: click to unfold`]);
    } else {
      const own = nodes[node];
      const what = { input: "an argument", output: "of the result", state: own.path ? "a parameter or buffer" : "a tensor" }[kind];
      tell(group, [own.label, own.path, own.detail, what, ...own.facts]);
    }
    return [group, ...drawnPins(pins, left, y)];
  }

  function drawnPins(pins, right, middle) {
    let top = middle - pins.reduce((sum, pin) => sum + heightOfPin(pin), 0) / 2;
    return pins.map((pin) => {
      const { kind, lines, node } = look(pin.key);
      const w = widthOfPin(pin);
      const left = right - PIN - w;
      const group = make("g", { class: `node pin ${kind}` });
      group.append(
        make("rect", { x: left, y: top + 2, width: w, height: 22, rx: kind === "input" ? 11 : 3, class: "shape" }),
        text(lines[0], left + w / 2, top + 17.5, "label"),
        make("path", { d: `M${left + w} ${top + 13}H${right}`, class: "line", "marker-end": "url(#arrow)" }),
        ...pin.lines.map((line, place) => text(line, left + w, top + 37 + 14 * place, "dims", "end")),
      );
      const own = nodes[node];
      tell(group, [own.label, own.path, ...tensorsOf(pin.flow), ...own.facts]);
      top += heightOfPin(pin);
      return group;
    });
  }

  function tensorsOf(flow) {
    const texts = [...flow.tensors.values()].map(({ dims, dtype }) => `${dims || "scalar"}  ${dtype}`);
    return texts.length > 12 ? [...texts.slice(0, 12), `and ${texts.length - 12} more`] : texts;
  }

  function drawnEdge(graph, { v, w }) {
    const edge = graph.edge(v, w);
    const group = make("g", { class: "edge" });
    const path = curve(edge.points);
    group.append(make("path", { d: path, class: "reach" }), make("path", { d: path, class: "line", "marker-end": "url(#arrow)" }));
    const left = edge.x - edge.width / 2 + 4;
    const top = edge.y - edge.height / 2 + 11.5;
    edge.lines.forEach((line, place) => group.append(text(line, left, top + 14 * place, "dims", "start")));
    tell(group, tensorsOf(edge.flow));
    return group;
  }

  const scene = make("g", {});
  const tip = make("path", { d: "M0 0L8 4L0 8z", class: "tip" });
  const marker = make("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7.5, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, tip);
  const svg = make("svg", { role: "group", "aria-label": "the model as a graph" }, make("defs", {}, marker), scene);
  stage.append(svg);

  const size = { width: 0, height: 0 };

  function draw() {
    const graph = laidOut();
    // Edges go behind headings, as if they went into the box there.
    const [frames, lines, front] = [make("g", {}), make("g", {}), make("g", {})];
    const keys = graph.nodes();
    keys
      .filter((key) => key[0] === "b")
      .sort((one, other) => depth[graph.node(one).part] - depth[graph.node(other).part])
      .forEach((key) => {
        const [frame, head] = drawnBox(graph, key);
        frames.append(frame);
        front.append(head);
      });
    graph.edges().forEach((edge) => lines.append(drawnEdge(graph, edge)));
    keys.filter((key) => key[0] !== "b").forEach((key) => front.append(...drawnNode(graph, key)));
    scene.replaceChildren(frames, lines, front);
    size.width = graph.graph().width;
    size.height = graph.graph().height;
    figure.dataset.visible = String(keys.length);
  }

  // Where one looks

  const view = { x: 0, y: 0, scale: 1 };
  let moved = false;

  function look_at() {
    if (svg.hasAttribute("viewBox")) return; // it is being printed
    scene.setAttribute("transform", `translate(${view.x.toFixed(2)} ${view.y.toFixed(2)}) scale(${view.scale.toFixed(4)})`);
  }

  function zoom(factor, x, y) {
    const scale = Math.min(3, Math.max(0.05, view.scale * factor));
    view.x = x - ((x - view.x) * scale) / view.scale;
    view.y = y - ((y - view.y) * scale) / view.scale;
    view.scale = scale;
    look_at();
  }

  function start() {
    const room = stage.clientWidth;
    const first = [...scene.querySelectorAll(".node.input")].map((one) => one.getBBox()).sort((one, other) => one.y - other.y)[0];
    view.scale = Math.min(1, Math.max(0.5, room / size.width));
    const tall = Math.min(size.height * view.scale + 8, Math.max(320, innerHeight * 0.8));
    stage.style.height = `${Math.ceil(tall)}px`;
    const wide = size.width * view.scale;
    // Of a picture that is too wide, what comes first is in the middle.
    view.x = wide <= room || !first ? (room - wide) / 2 : Math.min(0, Math.max(room - wide, room / 2 - (first.x + first.width / 2) * view.scale));
    view.y = 0;
    look_at();
  }

  function fit() {
    const { clientWidth: wide, clientHeight: tall } = stage;
    view.scale = Math.min(1, wide / size.width, tall / size.height);
    view.x = (wide - size.width * view.scale) / 2;
    view.y = Math.max(0, (tall - size.height * view.scale) / 2);
    look_at();
  }

  function toggle(part) {
    const where = () => scene.querySelector(`[data-part="${part}"]`);
    const before = where().getBoundingClientRect();
    if (!model.turn(part)) {
      about.textContent = "too much to show at once: fold something else first";
      return;
    }
    draw();
    const element = where();
    const after = element.getBoundingClientRect();
    // What was clicked stays where it is.
    view.x += before.left + before.width / 2 - after.left - after.width / 2;
    view.y += before.top - after.top;
    look_at();
    element.focus({ preventScroll: true });
  }

  const acts = {
    unfold: () => {
      const whole = model.unfoldAll();
      draw();
      start();
      if (!whole) about.textContent = "too much to show at once: the innermost modules stay folded";
    },
    fold: () => (model.foldAll(), draw(), start()),
    in: () => zoom(1.25, stage.clientWidth / 2, stage.clientHeight / 2),
    out: () => zoom(0.8, stage.clientWidth / 2, stage.clientHeight / 2),
    fit,
  };
  for (const [name, act] of Object.entries(acts)) figure.querySelector(`[data-act="${name}"]`).addEventListener("click", act);

  let from = null;
  svg.addEventListener("pointerdown", (event) => {
    from = event.button === 0 ? { x: event.clientX - view.x, y: event.clientY - view.y, id: event.pointerId } : null;
    moved = false;
  });
  svg.addEventListener("pointermove", (event) => {
    if (!from || event.pointerId !== from.id) return;
    const x = event.clientX - from.x;
    const y = event.clientY - from.y;
    if (!moved && Math.hypot(x - view.x, y - view.y) < 4) return;
    // Captured only once it is a drag: a click belongs to what is under it.
    if (!moved) svg.setPointerCapture(event.pointerId);
    moved = true;
    view.x = x;
    view.y = y;
    look_at();
  });
  for (const name of ["pointerup", "pointercancel"]) svg.addEventListener(name, () => (from = null));
  svg.addEventListener(
    "wheel",
    (event) => {
      // Without a key the page scrolls, as it does elsewhere.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { left, top } = svg.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 300), event.clientX - left, event.clientY - top);
    },
    { passive: false },
  );
  addEventListener("hashchange", () => (model.foldAll(), model.unfoldAsAsked(location.hash), draw(), start()));

  // What was in the middle stays there when the window gets wider or narrower.
  let room = 0;
  new ResizeObserver(() => {
    if (room && stage.clientWidth) {
      view.x += (stage.clientWidth - room) / 2;
      look_at();
    }
    room = stage.clientWidth;
  }).observe(stage);

  // Paper does not scroll: all of the picture is printed, no larger than it is.
  addEventListener("beforeprint", () => {
    svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    svg.style.maxHeight = `min(24cm, ${size.height}px)`;
    scene.removeAttribute("transform");
  });
  addEventListener("afterprint", () => {
    svg.removeAttribute("viewBox");
    svg.style.maxHeight = "";
    look_at();
  });

  figure.hidden = false;
  model.unfoldAsAsked(location.hash);
  draw();
  start();
})();
