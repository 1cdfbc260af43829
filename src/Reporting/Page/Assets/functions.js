// Every function with what it allocated itself and with all it calls, and for a chosen one who calls it and whom it calls.

/** Sums over sites: a function that is on a stack twice counts once. */
function sumFunctions(profile, weights, { group }) {
  const count = profile.functions.length;
  const sums = { self: new Float64Array(count), total: new Float64Array(count), before: null };
  if (weights.before) Object.assign(sums, { before: new Float64Array(count), after: new Float64Array(count), selfBefore: new Float64Array(count), selfAfter: new Float64Array(count) });
  const last = new Int32Array(count).fill(-1);
  for (let site = 0; site < profile.siteCount; site++) {
    const size = weights.size[site];
    if (size === 0) continue;
    const stack = profile.stackOf(site, group);
    for (const frame of stack) {
      const number = profile.frameFunction[frame];
      if (last[number] === site) continue;
      last[number] = site;
      sums.total[number] += size;
      if (!sums.before) continue;
      sums.before[number] += weights.before[site];
      sums.after[number] += weights.after[site];
    }
    if (stack.length === 0) continue;
    const innermost = profile.frameFunction[stack.at(-1)];
    sums.self[innermost] += size;
    if (!sums.before) continue;
    sums.selfBefore[innermost] += weights.before[site];
    sums.selfAfter[innermost] += weights.after[site];
  }
  return sums;
}

/** [function, size] of those right above or right below a function, largest first; -1 stands for the thread's start, or for itself. */
function sumNeighbours(profile, weights, number, step, { group }) {
  const sizes = new Map();
  for (let site = 0; site < profile.siteCount; site++) {
    if (weights.size[site] === 0) continue;
    const stack = profile.stackOf(site, group), seen = new Set();
    for (let i = 0; i < stack.length; i++) {
      if (profile.frameFunction[stack[i]] !== number) continue;
      const neighbour = stack[i + step] === undefined ? -1 : profile.frameFunction[stack[i + step]];
      if (seen.has(neighbour)) continue;
      seen.add(neighbour);
      sizes.set(neighbour, (sizes.get(neighbour) ?? 0) + weights.size[site]);
    }
  }
  return [...sizes].sort((a, b) => b[1] - a[1]);
}

const functionsAtFirst = 200;

class FunctionTable {
  constructor(section, { profile, describe, choose, search }) {
    Object.assign(this, { profile, describe, choose, search });
    this.sort = { column: profile.isDifference ? 'change' : 'self', isUp: false };
    this.shownCount = functionsAtFirst;
    this.head = make('tr', {});
    this.body = make('tbody', {});
    this.foot = make('p', { class: 'more' });
    this.details = make('aside', { class: 'details', 'aria-label': 'Callers and callees' });
    section.append(make('div', { class: 'split' },
      make('div', { class: 'table-scroll' }, make('table', { 'aria-label': 'Functions' }, make('thead', {}, this.head), this.body), this.foot), this.details));
    this.columns = profile.isDifference
      ? [['name', 'Function'], ['change', 'Self, change'], ['totalChange', 'Total, change'], ['selfBefore', 'Self before'], ['selfAfter', 'Self after'], ['library', 'Library']]
      : [['name', 'Function'], ['self', 'Self'], ['total', 'Total'], ['library', 'Library']];
  }

  show(weights, state, found) {
    const { profile } = this;
    Object.assign(this, { weights, state });
    const sums = sumFunctions(profile, weights, state);
    const isFound = new Uint8Array(profile.functions.length);
    if (found) profile.frameFunction.forEach((number, frame) => { isFound[number] |= found[frame]; });
    this.rows = profile.functions.filter(({ number }) => sums.total[number] > 0 && (!found || isFound[number])).map(entry => {
      const { number } = entry, row = { entry, name: entry.label, library: entry.library, self: sums.self[number], total: sums.total[number] };
      if (sums.before) {
        row.selfBefore = sums.selfBefore[number];
        row.selfAfter = sums.selfAfter[number];
        row.change = row.selfAfter - row.selfBefore;
        row.totalChange = sums.after[number] - sums.before[number];
      }
      return row;
    });
    const isInDetails = this.details.contains(document.activeElement);
    this.draw();
    this.showDetails();
    this.wasInDetails = isInDetails;
  }

  /** After a choice: the table was made anew, so the focus goes back to where the reader was. */
  focusChosen() {
    const target = this.wasInDetails ? this.details.querySelector('h2') : this.body.querySelector('.chosen button');
    target?.focus({ preventScroll: true });
  }

  draw() {
    const { column, isUp } = this.sort;
    // What changed most comes first, whichever way.
    const key = row => (/hange$/.test(column) ? Math.abs(row[column]) : row[column]);
    this.rows.sort((a, b) => {
      const order = typeof a[column] === 'string' ? (a[column] < b[column] ? -1 : a[column] > b[column] ? 1 : 0) : key(a) - key(b);
      return (isUp ? order : -order) || b.total - a.total;
    });
    this.head.replaceChildren(...this.columns.map(([id, title]) => make('th', {
      scope: 'col', class: id === 'name' ? '' : id === 'library' ? 'library' : 'number', 'aria-sort': id === column ? (isUp ? 'ascending' : 'descending') : null,
    }, make('button', { type: 'button', onclick: () => this.sortBy(id) }, title, make('span', { class: 'arrow', 'aria-hidden': 'true' }, id === column ? (isUp ? ' ▲' : ' ▼') : '')))));
    this.body.replaceChildren(...this.rows.slice(0, this.shownCount).map(row => this.makeRow(row)));
    const rest = this.rows.length - this.shownCount;
    this.foot.replaceChildren(...(rest > 0 ? [make('button', { type: 'button', onclick: () => { this.shownCount += 1000; this.draw(); } }, `${formatCount(rest)} more functions`)] : []));
  }

  sortBy(id) {
    this.sort = { column: id, isUp: this.sort.column === id ? !this.sort.isUp : id === 'name' || id === 'library' };
    this.draw();
    this.head.querySelectorAll('button')[this.columns.findIndex(([column]) => column === id)].focus();
  }

  makeRow({ entry, ...row }) {
    const cells = this.columns.slice(1).map(([id]) => {
      if (id === 'library') return make('td', { class: 'library' }, make('bdi', {}, row.library));
      const value = row[id];
      if (/hange$/.test(id)) return make('td', { class: `number ${value > 0 ? 'grew' : value < 0 ? 'shrank' : ''}` }, withSign(value, this.describe.value));
      if (this.weights.before) return make('td', { class: 'number' }, this.describe.value(value));
      return make('td', { class: 'number' }, value > 0 ? makeBar(value / this.weights.total) : null, make('span', { class: 'amount' }, value > 0 ? this.describe.value(value) : '–'),
        make('span', { class: 'percent' }, value > 0 ? formatPercent(value, this.weights.total) : ''));
    });
    return make('tr', { class: String(entry.number) === this.state.function ? 'chosen' : '', 'data-function': entry.number, onclick: () => this.choose(entry.number) },
      make('td', { class: 'function' }, make('button', { type: 'button', title: entry.name },
        make('span', { class: `dot ${kinds[entry.kind].id}`, 'aria-hidden': 'true' }), make('bdi', {}, entry.label))), ...cells);
  }

  showDetails() {
    const entry = this.state.function === '' ? null : this.profile.functions[Number(this.state.function)];
    if (!entry) {
      this.details.replaceChildren(make('p', { class: 'hint' }, 'Choose a function to see who calls it and whom it calls.'));
      return;
    }
    const row = this.rows.find(candidate => candidate.entry === entry);
    const list = (title, step, none) => {
      const neighbours = sumNeighbours(this.profile, this.weights, entry.number, step, this.state);
      const whole = neighbours.reduce((sum, [, size]) => sum + size, 0);
      return make('section', { class: step < 0 ? 'callers' : 'callees' }, make('h3', {}, title), make('ul', {}, neighbours.slice(0, 50).map(([number, size]) => {
        const other = this.profile.functions[number];
        const content = [makeBar(size / whole, other && kinds[other.kind].id), make('bdi', { class: 'label' }, other ? other.label : none),
          make('span', { class: 'amount' }, this.describe.value(size)), make('span', { class: 'percent' }, formatPercent(size, whole))];
        return make('li', {}, other ? make('button', { type: 'button', 'data-function': number, title: other.name, onclick: () => this.choose(number) }, content) : make('div', {}, content));
      })));
    };
    this.details.replaceChildren(
      make('h2', { tabindex: -1 }, make('span', { class: `dot ${kinds[entry.kind].id}`, 'aria-hidden': 'true' }), make('bdi', {}, entry.name)),
      make('p', { class: 'note' }, [kinds[entry.kind].name, entry.library].filter(Boolean).join(' · '),
        row && !this.weights.before ? ` · self ${this.describe.value(row.self)} · total ${this.describe.value(row.total)} (${formatPercent(row.total, this.weights.total)})` : ''),
      make('p', {}, make('button', { type: 'button', onclick: () => this.search(entry.name) }, 'Find in the flame graph')),
      list('Callers', -1, 'start of the thread'), list('Callees', 1, entry.kind === 4 ? 'objects of this type' : 'allocated here itself'));
  }
}
