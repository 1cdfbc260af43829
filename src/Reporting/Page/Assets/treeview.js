// The call tree as a table that opens row by row: the same as the flame graph, for those who read it or hear it.

const mostRowsAtOnce = 100; // of one node's children; a last row shows more

class TreeView {
  constructor(section, { describe, zoom }) {
    this.describe = describe;
    this.zoom = zoom;
    this.body = make('tbody', {});
    this.head = make('tr', {});
    section.append(make('div', { class: 'table-scroll' },
      make('table', { role: 'treegrid', 'aria-label': 'Call tree' }, make('thead', {}, this.head), this.body)));
    this.body.addEventListener('keydown', event => this.key(event));
  }

  show(tree, found) {
    Object.assign(this, { tree, found });
    const names = tree.before ? ['Function', 'Change', 'Before', 'After', ''] : ['Function', 'Total', '', 'Self', 'Library'];
    this.head.replaceChildren(...names.map((name, i) => make('th', { scope: 'col', class: i > 0 ? 'number' : '' }, name)));
    this.body.replaceChildren();
    const first = this.rowsOf(0);
    this.body.append(...first);
    // The way down is open as far as there is only one.
    for (let row = first[0], steps = 0; row && steps < 40; steps++) {
      const node = Number(row.dataset.node), children = this.tree.children(node);
      if (children.length === 0) break;
      const isMain = this.tree.size[children[0]] > 0.4 * this.tree.size[0];
      this.open(row);
      if (!isMain) break;
      row = row.nextElementSibling;
    }
    if (first[0]) first[0].tabIndex = 0;
  }

  rowsOf(parent, from = 0) {
    const children = this.tree.children(parent);
    const rows = children.slice(from, from + mostRowsAtOnce).map(node => this.makeRow(node));
    const rest = children.length - from - mostRowsAtOnce;
    if (rest > 0) {
      const level = this.tree.depth[parent] + 1;
      const more = make('tr', { class: 'more', 'aria-level': level }, make('td', { colspan: 5 },
        make('button', { type: 'button', onclick: () => more.replaceWith(...this.rowsOf(parent, from + mostRowsAtOnce)) }, `${formatCount(rest)} more`)));
      rows.push(more);
    }
    return rows;
  }

  makeRow(node) {
    const { tree } = this, { name, library, kind } = tree.functionOf(node), level = tree.depth[node];
    const isLeaf = tree.children(node).length === 0, isFound = this.found?.[tree.frame[node]];
    const cell = make('td', { class: 'function' },
      make('span', { class: 'twist', 'aria-hidden': 'true' }, isLeaf ? '' : '▸'),
      make('span', { class: `dot ${kinds[kind].id}`, 'aria-hidden': 'true' }),
      make('bdi', { class: isFound ? 'found' : '', title: name }, name),
      tree.placeOf(node) ? make('span', { class: 'place' }, tree.placeOf(node)) : null);
    cell.style.setProperty('--level', String(Math.min(level - 1, 60)));
    const row = make('tr', {
      'data-node': node, 'aria-level': level, 'aria-expanded': isLeaf ? null : 'false', tabindex: -1,
      onclick: () => this.toggle(row), ondblclick: () => this.zoom(node),
    }, cell, ...this.numbers(node, library));
    return row;
  }

  numbers(node, library) {
    const { tree, describe } = this, number = (...content) => make('td', { class: 'number' }, ...content);
    if (tree.before) {
      const change = tree.after[node] - tree.before[node];
      return [make('td', { class: `number ${change > 0 ? 'grew' : 'shrank'}` }, withSign(change, describe.value)),
        number(describe.value(tree.before[node])), number(describe.value(tree.after[node])), number(library)];
    }
    return [number(describe.value(tree.size[node])), number(makeBar(tree.size[node] / tree.size[0]), formatPercent(tree.size[node], tree.size[0])),
      number(tree.selfSize[node] > 0 ? describe.value(tree.selfSize[node]) : ''), number(library)];
  }

  toggle(row) {
    if (row.getAttribute('aria-expanded') === 'false') this.open(row);
    else if (row.getAttribute('aria-expanded') === 'true') this.close(row);
  }

  open(row) {
    if (row.getAttribute('aria-expanded') !== 'false') return;
    row.setAttribute('aria-expanded', 'true');
    row.after(...this.rowsOf(Number(row.dataset.node)));
  }

  close(row) {
    row.setAttribute('aria-expanded', 'false');
    const level = Number(row.getAttribute('aria-level'));
    while (Number(row.nextElementSibling?.getAttribute('aria-level')) > level) row.nextElementSibling.remove();
  }

  key(event) {
    const row = event.target.closest('tr');
    if (!row || event.target !== row) return;
    const isOpen = row.getAttribute('aria-expanded') === 'true';
    let next = null;
    switch (event.key) {
      case 'ArrowDown': next = row.nextElementSibling; break;
      case 'ArrowUp': next = row.previousElementSibling; break;
      case 'ArrowRight': if (isOpen) next = row.nextElementSibling; else this.open(row); break;
      case 'ArrowLeft':
        if (isOpen) this.close(row);
        else next = this.body.querySelector(`[data-node="${this.tree.parent[Number(row.dataset.node)]}"]`);
        break;
      case 'Enter': case ' ': this.toggle(row); break;
      default: return;
    }
    event.preventDefault();
    if (!next) return;
    row.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
}
