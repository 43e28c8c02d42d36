"use strict";
// Where everything stands that is visible: how large it is by its texts, and the layout, which dagre computes.
const HEADING = 24; // how high the heading of an unfolded part is
const PIN = 24; // how far what is pinned to a node is from it

function layouts({ parts, nodes, depth, within, ways, isUnfolded, visible }) {
  const MOST_LINES = 3;
  const LONGEST = { label: 34, path: 40, dims: 48 };

  // Texts

  const ruler = document.createElement("canvas").getContext("2d");
  const FONTS = {
    label: "600 13px ui-sans-serif, system-ui, sans-serif",
    path: "11px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
    dims: "11px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  };
  const widths = new Map();

  function width(text, font) {
    const key = `${font}\n${text}`;
    if (!widths.has(key)) {
      ruler.font = FONTS[font];
      widths.set(key, ruler.measureText(text).width);
    }
    return widths.get(key);
  }

  function cut(text, font) {
    return text.length <= LONGEST[font] ? text : `${text.slice(0, LONGEST[font] - 1)}\u2026`;
  }

  function short(path, part) {
    const around = parts[part].path;
    return around && path.startsWith(`${around}.`) ? path.slice(around.length + 1) : path;
  }

  function count(number, what, several = `${what}s`) {
    return `${number.toLocaleString("en")} ${number === 1 ? what : several}`;
  }

  function look(key) {
    const place = Number(key.slice(1));
    if (key[0] === "p") {
      const part = parts[place];
      const path = short(part.path, part.parent);
      return { kind: "folded", lines: [cut(part.kind, "label"), cut(path, "path")], aside: count(within[place], "node"), part: place };
    }
    const node = nodes[place];
    const lines = [cut(node.label, "label")];
    if (node.kind === "module") lines.push(cut(short(node.path, node.part), "path"));
    if (node.kind === "op" && node.detail) lines.push(cut(node.detail, "path"));
    return { kind: node.kind, lines, node: place };
  }

  function sizeOf(one) {
    const [first, ...rest] = one.lines;
    const widest = Math.max(width(first, "label"), ...rest.map((line) => width(line, "path")), one.aside ? width(one.aside, "path") : 0);
    const rows = one.lines.length + (one.aside ? 1 : 0);
    return { width: Math.ceil(widest) + (one.aside ? 44 : 24), height: rows === 1 ? 28 : 14 + 15 * rows };
  }

  function widthOfPin(pin) {
    return width(look(pin.key).lines[0], "label") + 20;
  }

  function heightOfPin(pin) {
    return 30 + 14 * pin.lines.length;
  }

  function linesOf(flow) {
    const dims = [...new Set([...flow.tensors.values()].map((one) => one.dims || "scalar"))];
    const lines = dims.slice(0, MOST_LINES).map((text) => cut(text, "dims"));
    if (dims.length > MOST_LINES) lines.push(`and ${dims.length - MOST_LINES} more`);
    return lines;
  }

  // The layout

  function laidOut() {
    const graph = new dagre.graphlib.Graph({ compound: true });
    graph.setGraph({ rankdir: "TB", nodesep: 26, edgesep: 14, ranksep: 22, marginx: 16, marginy: 16 });
    const { keys, pins, flows } = visible();
    const box = (part) => `b${part}`;
    const boxes = parts.map((_, place) => place).filter((place) => place && ways[place].every(isUnfolded) && within[place]);
    boxes.forEach((place) => graph.setNode(box(place), { part: place }));
    boxes.forEach((place) => parts[place].parent && graph.setParent(box(place), box(parts[place].parent)));
    for (const key of keys) {
      const held = (pins.get(key) || []).map((pin) => ({ ...pin, lines: linesOf(pin.flow) }));
      const one = { ...look(key), pins: held };
      const own = sizeOf(one);
      // Room on both sides, so that what is pinned to the left leaves the node in the middle.
      const beside = Math.max(0, ...one.pins.map((pin) => PIN + Math.max(widthOfPin(pin), ...pin.lines.map((line) => width(line, "dims")))));
      const tall = one.pins.reduce((sum, pin) => sum + heightOfPin(pin), 0);
      graph.setNode(key, { ...one, own, width: own.width + 2 * beside, height: Math.max(own.height, tall) });
      const part = one.part === undefined ? nodes[one.node].part : parts[one.part].parent;
      if (part) graph.setParent(key, box(part));
    }
    for (const flow of flows) {
      const lines = linesOf(flow);
      const widest = Math.max(...lines.map((line) => width(line, "dims")));
      graph.setEdge(flow.from, flow.to, {
        flow,
        lines,
        width: widest + 8,
        height: 14 * lines.length + 2,
        labelpos: "r",
        labeloffset: 5,
      });
    }
    dagre.layout(graph);
    makeRoom(graph, boxes.map(box));
    for (const each of graph.edges()) {
      const { points } = graph.edge(each);
      points[0] = edgeOf(graph.node(each.v), points[1], points[0]);
      points[points.length - 1] = edgeOf(graph.node(each.w), points[points.length - 2], points[points.length - 1]);
    }
    return graph;
  }

  // Where a line from a point to the middle of a node meets the node without what is pinned to it.
  function edgeOf({ x, y, own, pins }, point, as) {
    if (!pins.length) return as;
    const across = Math.abs(point.x - x) / (own.width / 2);
    const up = Math.abs(point.y - y) / (own.height / 2);
    const share = 1 / Math.max(across, up, 1);
    return { x: x + (point.x - x) * share, y: y + (point.y - y) * share };
  }

  // dagre knows no headings: what lies below the top of a box moves down by one.
  function makeRoom(graph, keys) {
    // Boxes side by side share the room; one in another needs its own.
    const tops = [];
    for (const key of keys) {
      const { y, height, part } = graph.node(key);
      const one = { top: y - height / 2, level: depth[part] };
      if (!tops.some((other) => other.level === one.level && Math.abs(other.top - one.top) < HEADING / 2)) tops.push(one);
    }
    const down = (y) => y + HEADING * tops.filter((one) => one.top < y).length;
    for (const key of graph.nodes()) {
      const one = graph.node(key);
      if (one.lines) {
        one.y = down(one.y);
      } else {
        const top = one.y - one.height / 2;
        const start = down(top);
        const end = down(top + one.height);
        one.y = (start + end) / 2;
        one.height = end - start;
      }
    }
    for (const each of graph.edges()) {
      const edge = graph.edge(each);
      edge.y = down(edge.y);
      edge.points.forEach((point) => (point.y = down(point.y)));
    }
    graph.graph().height = down(graph.graph().height);
  }

  return { laidOut, look, width, widthOfPin, heightOfPin, short, count };
}
