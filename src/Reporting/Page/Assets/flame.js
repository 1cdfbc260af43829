// The flame graph on a canvas. Each box is a node of the call tree, as wide as its share of what is zoomed to; only the rows in sight are drawn,
// so neither depth nor number of stacks matters.

const rowHeight = 21;
const smallestBox = 1; // pixels; what is narrower is left out

class FlameGraph {
  constructor(container, { zoom, describe, copy }) {
    this.zoomTo = zoom;
    this.describe = describe;
    this.copy = copy;
    this.tip = byId('tip');
    this.canvas = make('canvas', {
      tabindex: 0, role: 'application', 'aria-roledescription': 'flame graph',
      'aria-label': 'Flame graph. Arrow keys move between functions, Enter zooms, Escape goes back. The Tree view has the same as a table.',
    });
    // Outlines are elements: a moving pointer draws nothing anew.
    this.hoverOutline = make('div', { class: 'flame-outline', hidden: true });
    this.focusOutline = make('div', { class: 'flame-outline focus', hidden: true });
    this.spacer = make('div', { class: 'flame-space' }, this.canvas, this.hoverOutline, this.focusOutline);
    this.scroller = container.appendChild(make('div', { class: 'flame-scroll' }, this.spacer));
    this.context = this.canvas.getContext('2d');
    this.rows = [];
    this.selected = 0;
    this.labelWidths = new Map();
    this.functionColors = new Map();
    new ResizeObserver(() => this.layOut()).observe(this.scroller);
    this.scroller.addEventListener('scroll', () => { this.hideTip(); this.draw(); });
    this.canvas.addEventListener('pointermove', event => this.hover(event));
    this.canvas.addEventListener('pointerleave', () => this.leave());
    this.canvas.addEventListener('click', event => this.click(event));
    this.canvas.addEventListener('keydown', event => this.key(event));
    this.canvas.addEventListener('blur', () => { this.hideTip(); this.focusOutline.hidden = true; });
    this.canvas.addEventListener('focus', () => this.outline(this.focusOutline, this.boxOf(this.selected)));
  }

  /** `found`: a 1 for each frame that the search finds, or null. */
  show(tree, zoomed, found, rootAtBottom) {
    if (tree !== this.tree || zoomed !== this.zoomed) this.selected = zoomed;
    const isTurned = rootAtBottom !== this.rootAtBottom || tree !== this.tree;
    Object.assign(this, { tree, zoomed, found, rootAtBottom });
    this.hideTip();
    this.layOut();
    if (isTurned) this.scroller.scrollTop = rootAtBottom ? this.scroller.scrollHeight : 0;
  }

  layOut() {
    if (!this.tree) return;
    const width = this.scroller.clientWidth;
    if (width === 0) return; // another view is shown
    this.width = width;
    const { tree, zoomed } = this;
    this.rows = [0, ...tree.path(zoomed)].map(node => [{ node, x: 0, width }]);
    let row = this.rows.at(-1);
    const scale = tree.size[zoomed] > 0 ? width / tree.size[zoomed] : 0;
    while (row.length > 0) {
      const next = [];
      for (const box of row) {
        let x = box.x;
        for (const node of tree.children(box.node)) {
          const boxWidth = tree.size[node] * scale;
          if (boxWidth < smallestBox) break; // the others are smaller still
          next.push({ node, x, width: boxWidth });
          x += boxWidth;
        }
      }
      if (next.length > 0) this.rows.push(next);
      row = next;
    }
    this.height = this.rows.length * rowHeight + 2;
    this.spacer.style.height = `${this.height}px`;
    this.leave();
    this.outline(this.focusOutline, document.activeElement === this.canvas ? this.boxOf(this.selected) : null);
    this.draw();
  }

  top(rowIndex) {
    return this.rootAtBottom ? this.height - (rowIndex + 1) * rowHeight : rowIndex * rowHeight;
  }

  draw() {
    if (!this.tree || !this.width) return;
    const seen = Math.min(this.scroller.clientHeight || this.height, this.height), ratio = devicePixelRatio || 1;
    const [pixelWidth, pixelHeight] = [Math.round(this.width * ratio), Math.round(seen * ratio)];
    if (this.canvas.width !== pixelWidth || this.canvas.height !== pixelHeight) {
      this.canvas.width = pixelWidth;
      this.canvas.height = pixelHeight;
      this.canvas.style.width = `${this.width}px`;
      this.canvas.style.height = `${seen}px`;
    }
    if (this.colors !== palette()) this.functionColors.clear();
    this.colors = palette();
    const { context } = this;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.width, seen);
    context.font = '12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif';
    context.textBaseline = 'middle';
    context.direction = 'ltr';
    const scroll = this.scroller.scrollTop, zoomDepth = this.tree.depth[this.zoomed];
    this.rows.forEach((boxes, i) => {
      const y = this.top(i) - scroll;
      if (y > seen || y + rowHeight < 0) return;
      for (const box of boxes) this.drawBox(box, y, i < zoomDepth);
    });
  }

  drawBox(box, y, isAncestor) {
    const { context, colors } = this, { node } = box, isFound = this.found && node > 0 && this.found[this.tree.frame[node]];
    const gap = box.width > 3 ? 1 : 0;
    context.fillStyle = this.colorOf(node);
    context.fillRect(box.x, y, box.width - gap, rowHeight - 1);
    if (isFound) {
      context.fillStyle = colors.found;
      context.fillRect(box.x, y, box.width - gap, rowHeight - 1);
    } else if (this.found || isAncestor) {
      context.fillStyle = colors.dim;
      context.fillRect(box.x, y, box.width - gap, rowHeight - 1);
    }
    if (box.width < 26) return;
    const label = this.fit(node, box.width - 9);
    if (!label) return;
    context.fillStyle = isFound ? colors.foundText : colors.text;
    context.fillText(label, box.x + 4, y + rowHeight / 2);
  }

  colorOf(node) {
    if (this.tree.before) return changeColor(this.colors, changeOf(this.tree, node));
    if (node === 0) return this.colors.root;
    const entry = this.tree.functionOf(node);
    let color = this.functionColors.get(entry);
    if (!color) this.functionColors.set(entry, color = functionColor(this.colors, entry));
    return color;
  }

  /** The most telling label that fits: name and size, the name, its last parts, their beginning. */
  fit(node, room) {
    const { tree } = this;
    if (node === 0) return this.cut(`${this.describe.root()}`, room);
    const { name, short } = tree.functionOf(node);
    const size = this.describe.size(node);
    for (const label of [`${name}   ${size}`, name, `${short}   ${size}`, short]) if (label.length * 4 < room && this.measure(label) <= room) return label;
    return this.cut(short, room);
  }

  cut(text, room) {
    if (this.measure(text) <= room) return text;
    let low = 0, high = Math.min(text.length, Math.ceil(room / 3));
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.context.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle;
      else high = middle - 1;
    }
    return low >= 2 ? `${text.slice(0, low)}…` : '';
  }

  measure(label) {
    let width = this.labelWidths.get(label);
    if (width === undefined) {
      if (this.labelWidths.size > 20000) this.labelWidths.clear();
      this.labelWidths.set(label, width = this.context.measureText(label).width);
    }
    return width;
  }

  outline(element, box) {
    element.hidden = !box;
    if (!box) return;
    element.style.left = `${box.x}px`;
    element.style.top = `${this.top(this.rowOf(box.node))}px`;
    element.style.width = `${Math.max(2, box.width - 1)}px`;
    element.style.height = `${rowHeight - 1}px`;
  }

  rowOf(node) {
    return this.tree.depth[node];
  }

  boxOf(node) {
    return this.rows[this.rowOf(node)]?.find(box => box.node === node);
  }

  at(event) {
    const y = event.offsetY + this.scroller.scrollTop;
    const row = this.rows[Math.floor((this.rootAtBottom ? this.height - y : y) / rowHeight)];
    return row?.find(box => event.offsetX >= box.x && event.offsetX < box.x + box.width) ?? null;
  }

  hover(event) {
    const box = this.at(event), isSame = box?.node === this.hovered?.node;
    this.hovered = box;
    this.canvas.style.cursor = box ? 'pointer' : 'default';
    if (!box) return this.leave();
    if (!isSame) this.outline(this.hoverOutline, box);
    if (!isSame || this.tip.hidden) this.tip.replaceChildren(...this.describe.node(box.node));
    this.placeTip(event.clientX, event.clientY);
  }

  placeTip(x, y) {
    const { tip } = this;
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - width - 8))}px`;
    tip.style.top = `${y + 18 + height > innerHeight ? Math.max(4, y - height - 12) : y + 18}px`;
  }

  leave() {
    this.hovered = null;
    this.hoverOutline.hidden = true;
    this.hideTip();
  }

  hideTip() {
    this.tip.hidden = true;
  }

  click(event) {
    const box = this.at(event);
    if (!box) return;
    this.selected = box.node;
    this.zoomTo(box.node);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { tree, selected } = this;
    const [down, up] = this.rootAtBottom ? ['ArrowUp', 'ArrowDown'] : ['ArrowDown', 'ArrowUp'];
    const row = this.rows[this.rowOf(selected)] ?? [], index = row.findIndex(box => box.node === selected);
    let next;
    switch (event.key) {
      case down: next = this.rows[this.rowOf(selected) + 1]?.find(box => tree.parent[box.node] === selected)?.node; break;
      case up: next = selected > 0 ? tree.parent[selected] : undefined; break;
      case 'ArrowRight': next = row[index + 1]?.node; break;
      case 'ArrowLeft': next = row[index - 1]?.node; break;
      case 'Home': next = 0; break;
      case 'Enter': this.zoomTo(selected); break;
      case 'Escape': if (this.zoomed > 0) this.zoomTo(tree.parent[this.zoomed]); break;
      case 'c': this.copy(selected); break;
      default: return;
    }
    event.preventDefault();
    if (next !== undefined) this.select(next);
  }

  select(node) {
    this.selected = node;
    const top = this.top(this.rowOf(node)), { scroller } = this;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + rowHeight > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + rowHeight - scroller.clientHeight;
    const box = this.boxOf(node), place = this.canvas.getBoundingClientRect();
    this.outline(this.focusOutline, box);
    if (box) {
      this.tip.replaceChildren(...this.describe.node(node));
      this.placeTip(place.left + box.x + Math.min(box.width / 2, 200), place.top + top - scroller.scrollTop + rowHeight / 2);
    }
    say(this.describe.spoken(node));
  }
}

/** From -1 (vanished) over 0 (as before) to 1 (new). */
function changeOf(tree, node) {
  const larger = Math.max(tree.before[node], tree.after[node]);
  return larger > 0 ? (tree.after[node] - tree.before[node]) / larger : 0;
}
