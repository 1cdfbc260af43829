// The call tree: which stacks share which beginnings, and what each node of it weighs.
// Its shape depends on the direction and on what counts as one node; its weights on the metric and the filters. A parent's number is
// always below its children's, so weights add up in one pass from the back.

class CallTree {
  /** `inverted`: from the allocating function outwards. `grouped`: the runtime as one node. `byLine`: a node for each line. */
  constructor(profile, { inverted, grouped, byLine }) {
    this.profile = profile;
    this.inverted = inverted;
    const { stackFrames, frameFunction, siteCount } = profile;
    const most = stackFrames.length + 1;
    this.parent = new Int32Array(most).fill(-1);
    this.frame = new Int32Array(most).fill(-1);
    this.depth = new Uint16Array(most);
    this.isMixed = new Uint8Array(most); // calls from more than one line
    this.leaf = new Int32Array(siteCount);
    this.key = new Int32Array(most).fill(-1); // what makes it one node: the function, or the frame if lines count
    this.nodeCount = 1;
    this.slots = new Int32Array(1 << 12); // a hash table of nodes by parent and key; 0 is free, for the root is nobody's child
    const keys = byLine ? null : frameFunction;
    let beforeKeys = [], beforeNodes = [];
    for (let site = 0; site < siteCount; site++) {
      const stack = profile.stackOf(site, grouped);
      const length = stack.length, pathKeys = new Int32Array(length), pathNodes = new Int32Array(length);
      let node = 0, isShared = true;
      for (let i = 0; i < length; i++) {
        const frame = stack[inverted ? length - 1 - i : i];
        const key = keys ? keys[frame] : frame;
        isShared &&= beforeKeys[i] === key;
        let next = isShared ? beforeNodes[i] : this.lookUp(node, key);
        if (next === 0) {
          next = this.add(node, key);
          this.frame[next] = frame;
          this.depth[next] = Math.min(i + 1, 65535);
        } else if (this.frame[next] !== frame) {
          this.isMixed[next] = 1;
        }
        node = next;
        pathKeys[i] = key;
        pathNodes[i] = next;
      }
      this.leaf[site] = node;
      beforeKeys = pathKeys;
      beforeNodes = pathNodes;
    }
    this.indexChildren();
  }

  lookUp(parent, key) {
    const last = this.slots.length - 1;
    for (let slot = hashOf(parent, key) & last; ; slot = (slot + 1) & last) {
      const node = this.slots[slot];
      if (node === 0 || (this.parent[node] === parent && this.key[node] === key)) return node;
    }
  }

  add(parent, key) {
    const node = this.nodeCount++;
    this.parent[node] = parent;
    this.key[node] = key;
    if (2 * this.nodeCount > this.slots.length) {
      this.slots = new Int32Array(2 * this.slots.length);
      for (let old = 1; old < node; old++) this.place(old);
    }
    this.place(node);
    return node;
  }

  place(node) {
    const last = this.slots.length - 1;
    let slot = hashOf(this.parent[node], this.key[node]) & last;
    while (this.slots[slot] !== 0) slot = (slot + 1) & last;
    this.slots[slot] = node;
  }

  indexChildren() {
    this.slots = null;
    const start = new Uint32Array(this.nodeCount + 1);
    for (let node = 1; node < this.nodeCount; node++) start[this.parent[node] + 1]++;
    for (let node = 0; node < this.nodeCount; node++) start[node + 1] += start[node];
    const next = start.slice(), list = new Uint32Array(Math.max(0, this.nodeCount - 1));
    for (let node = 1; node < this.nodeCount; node++) list[next[this.parent[node]]++] = node;
    this.childStart = start;
    this.childList = list;
  }

  /** Weighs the nodes. `weights` has a site's bytes, count and size (what its width stands for), 0 where it is filtered out. */
  weigh(weights) {
    const sum = values => {
      const totals = new Float64Array(this.nodeCount);
      for (let site = 0; site < values.length; site++) totals[this.leaf[site]] += values[site];
      const self = totals.slice();
      for (let node = this.nodeCount - 1; node > 0; node--) totals[this.parent[node]] += totals[node];
      return [totals, self];
    };
    [this.bytes, this.selfBytes] = sum(weights.bytes);
    [this.count, this.selfCount] = sum(weights.count);
    [this.size, this.selfSize] = weights.isByCount ? [this.count, this.selfCount] : [this.bytes, this.selfBytes];
    if (weights.before) {
      [this.before] = sum(weights.before);
      [this.after] = sum(weights.after);
      [this.size, this.selfSize] = sum(weights.size);
    }
    this.sorted = new Map();
  }

  /** A node's children that weigh anything, largest first. */
  children(node) {
    let children = this.sorted.get(node);
    if (!children) {
      children = Array.from(this.childList.subarray(this.childStart[node], this.childStart[node + 1]))
        .filter(child => this.size[child] > 0)
        .sort((a, b) => this.size[b] - this.size[a] || this.frame[a] - this.frame[b]);
      this.sorted.set(node, children);
    }
    return children;
  }

  /** From below the root to the node. */
  path(node) {
    const path = [];
    for (; node > 0; node = this.parent[node]) path.unshift(node);
    return path;
  }

  functionOf(node) {
    return this.profile.functions[this.profile.frameFunction[this.frame[node]]];
  }

  nameOf(node) {
    return node === 0 ? 'all' : this.functionOf(node).name;
  }

  placeOf(node) {
    if (!this.isMixed[node]) return this.profile.placeOf(this.frame[node]);
    const file = this.profile.frameFile[this.frame[node]];
    return file >= 0 && this.profile.texts[file] ? `${this.profile.texts[file]}, several lines` : '';
  }

  /** Innermost first, as debuggers print it. */
  stackText(node) {
    const path = this.path(node);
    if (!this.inverted) path.reverse();
    return path.map(step => this.profile.describe(this.frame[step])).join('\n') + '\n';
  }

  /** The node that a path of functions leads to, as far as it goes; the root for an empty one. */
  find(functionNumbers) {
    let node = 0;
    for (const number of functionNumbers) {
      const next = this.children(node).find(child => this.profile.frameFunction[this.frame[child]] === number);
      if (next === undefined) return node;
      node = next;
    }
    return node;
  }
}

function hashOf(parent, key) {
  const hash = Math.imul(parent, 0x9e3779b1) ^ Math.imul(key + 1, 0x85ebca6b);
  return (hash ^ (hash >>> 15)) >>> 0;
}
