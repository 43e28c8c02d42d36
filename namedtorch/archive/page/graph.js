"use strict";
// The model as a tree of parts, which are calls of modules: what of its graph is visible, as they fold and unfold.
function foldable({ parts, nodes, edges }) {
  const MOST_FITTING = 40; // parts are unfolded, level by level, while no more nodes than this are visible
  const MOST_VISIBLE = 600; // more take too long to lay out
  const MOST_OUTERMOST = 1000; // with more, not even the folded model can be laid out
  const MOST_REACHES = 3; // what is read in more places is pinned to each of them

  // The tree of parts

  const children = parts.map(() => []);
  const depth = parts.map(() => 0);
  parts.forEach((part, place) => {
    if (part.parent === undefined) return;
    children[part.parent].push(place);
    depth[place] = depth[part.parent] + 1;
  });
  const own = parts.map(() => 0);
  nodes.forEach((node) => (own[node.part] += 1));
  const within = [...own];
  for (let place = parts.length - 1; place > 0; place--) within[parts[place].parent] += within[place];
  const ways = parts.map((_, place) => {
    const way = [];
    for (let part = place; part !== undefined; part = parts[part].parent) way.unshift(part);
    return way;
  });

  const unfolded = new Set([0]);

  function visibleCount() {
    let count = 0;
    const open = [0];
    while (open.length) {
      const part = open.pop();
      count += own[part];
      for (const child of children[part]) unfolded.has(child) ? open.push(child) : (count += 1);
    }
    return count;
  }

  function unfoldWhatFits() {
    for (let level = 1; ; level++) {
      const next = parts.map((_, place) => place).filter((place) => depth[place] === level);
      if (!next.length) return;
      next.forEach((place) => unfolded.add(place));
      if (visibleCount() > MOST_FITTING) {
        next.forEach((place) => unfolded.delete(place));
        return;
      }
    }
  }

  // Tells whether all of it can be shown at once.
  function unfoldAll() {
    parts.forEach((_, place) => unfolded.add(place));
    const whole = visibleCount() <= MOST_VISIBLE;
    for (let level = Math.max(...depth); visibleCount() > MOST_VISIBLE && level > 0; level--) {
      parts.forEach((_, place) => depth[place] === level && unfolded.delete(place));
    }
    return whole;
  }

  function foldAll() {
    unfolded.clear();
    unfolded.add(0);
  }

  // How much is visible at the very least, where that is too much; else 0.
  function excess() {
    const least = own[0] + children[0].length;
    return least > MOST_OUTERMOST ? least : 0;
  }

  // #unfold=all, #unfold=none, #unfold=encoder,encoder.layers.0
  function unfoldAsAsked(fragment) {
    const asked = /^#unfold=(.*)$/.exec(fragment);
    if (!asked) return unfoldWhatFits();
    if (asked[1] === "all") return unfoldAll();
    let paths = asked[1];
    try {
      paths = decodeURIComponent(paths);
    } catch {
      // A fragment that is none is taken as it stands.
    }
    const wanted = new Set(paths.split(","));
    parts.forEach((part, place) => wanted.has(part.path) && ways[place].forEach((one) => unfolded.add(one)));
    if (visibleCount() > MOST_VISIBLE) foldAll();
  }

  // What is visible

  function shown(node) {
    const hidden = ways[node.part].find((part) => !unfolded.has(part));
    return hidden === undefined ? null : hidden;
  }

  function visible() {
    const keys = nodes.map((node, place) => {
      const part = shown(node);
      return part === null ? `n${place}` : `p${part}`;
    });
    const flows = new Map();
    for (const [from, to, dims, dtype] of edges) {
      if (keys[from] === keys[to]) continue;
      const key = `${keys[from]} ${keys[to]}`;
      if (!flows.has(key)) flows.set(key, { from: keys[from], to: keys[to], tensors: new Map() });
      flows.get(key).tensors.set(`${dims}\n${dtype}`, { dims, dtype });
    }
    return pinned([...new Set(keys)], [...flows.values()]);
  }

  // An argument or a parameter that is read in many places, as a mask is by every layer, would send lines all over.
  function pinned(keys, flows) {
    const reaches = new Map();
    for (const { from } of flows) reaches.set(from, (reaches.get(from) || 0) + 1);
    const isMany = (key) => {
      const node = key[0] === "n" && nodes[Number(key.slice(1))];
      return node && (node.kind === "input" || node.kind === "state") && reaches.get(key) > MOST_REACHES;
    };
    const pins = new Map();
    for (const flow of flows) {
      if (!isMany(flow.from)) continue;
      if (!pins.has(flow.to)) pins.set(flow.to, []);
      pins.get(flow.to).push({ flow, key: flow.from });
    }
    return { keys: keys.filter((key) => !isMany(key)), pins, flows: flows.filter((flow) => !isMany(flow.from)) };
  }

  function isUnfolded(part) {
    return unfolded.has(part);
  }

  // Folds or unfolds a part; tells whether that could be.
  function turn(part) {
    if (unfolded.delete(part)) return true;
    unfolded.add(part);
    return visibleCount() <= MOST_VISIBLE || !unfolded.delete(part);
  }

  return { parts, nodes, depth, within, ways, isUnfolded, turn, excess, foldAll, unfoldAll, unfoldAsAsked, visible };
}
