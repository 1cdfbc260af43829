// Brings the parts together: a choice changes the state, the state the address, and the views follow.

const profile = new Profile(JSON.parse(byId('data').textContent));
const views = [['flame', 'Flame graph'], ['tree', 'Tree'], ['functions', 'Functions'], ['stacks', profile.isDifference ? 'Changes' : 'Stacks']];

let state = readState(location.hash);
correctState(state, profile);
let metrics, metric, weights, tree, found, zoomed = 0;
const trees = new Map(); // by direction, grouping and lines: the shapes don't depend on anything else

/** How the views put a node into words. */
const describe = {
  value: value => metric.format(value),
  size: node => (tree.before ? withSign(tree.after[node] - tree.before[node], metric.format) : metric.format(tree.size[node])),
  root: () => `${metric.name}: ${describe.size(0)}`,
  spoken: node => `${tree.nameOf(node)}, ${describe.size(node)}, ${formatPercent(tree.size[node], tree.size[0])}`,
  node: describeNode,
};

function describeNode(node) {
  const line = (name, ...values) => make('tr', {}, make('th', { scope: 'row' }, name), ...values.map(value => make('td', {}, value)));
  const entry = node === 0 ? null : tree.functionOf(node);
  const head = [make('p', { class: 'tip-name' }, make('bdi', {}, entry?.name ?? describe.root()))];
  if (entry) {
    head.push(make('p', { class: 'tip-place' }, make('span', { class: `dot ${kinds[entry.kind].id}` }),
      [entry.library || kinds[entry.kind].name, tree.placeOf(node)].filter(Boolean).join(' · ')));
  }
  if (tree.before) {
    const [before, after] = [tree.before[node], tree.after[node]];
    return [...head, make('table', {}, line('Before', metric.format(before)), line('After', metric.format(after)),
      line('Change', withSign(after - before, metric.format), before > 0 ? withSign(Math.round(100 * (after - before) / before), value => `${formatCount(value)} %`) : 'new'))];
  }
  const self = tree.inverted ? 'Starts here' : 'Self';
  return [...head, make('table', {},
    line('Total', formatBytes(tree.bytes[node]), formatAllocations(tree.count[node])),
    line(self, formatBytes(tree.selfBytes[node]), formatAllocations(tree.selfCount[node])),
    line('Share', formatPercent(tree.size[node], tree.size[0]), zoomed > 0 ? `${formatPercent(tree.size[node], tree.size[zoomed])} of zoom` : ''))];
}

const flame = new FlameGraph(byId('flame'), { describe, zoom: node => zoomTo(node), copy: node => copyText(tree.stackText(node)) });
const treeView = new TreeView(byId('view-tree'), { describe, zoom: node => { change({ view: 'flame' }, true); zoomTo(node); } });
const functionTable = new FunctionTable(byId('view-functions'), {
  profile, describe,
  choose: number => { change({ function: String(number) }, true); functionTable.focusChosen(); },
  search: name => change({ view: 'flame', search: name }, true),
});
const stackList = new StackList(byId('view-stacks'), { profile, describe, chooseChange: id => change({ change: id }) });

/** `isStep`: the browser's Back button returns to before it. */
function change(patch, isStep = false) {
  const isTurned = 'direction' in patch || 'group' in patch || 'lines' in patch;
  Object.assign(state, patch, isTurned ? { zoom: '' } : {});
  history[isStep ? 'pushState' : 'replaceState'](null, '', writeState(state));
  render();
}

function zoomTo(node) {
  change({ zoom: tree.path(node).map(step => profile.frameFunction[tree.frame[step]]).join('.') }, true);
}

function render() {
  if (metrics?.heap !== state.heap) {
    metrics = Object.assign(listMetrics(profile, state.heap), { heap: state.heap });
    showMetrics(profile, metrics, id => change({ metric: id }));
  }
  metric = metrics.find(({ id }) => id === state.metric);
  weights = weighSites(profile, metric, state);
  found = findFrames(profile, state.search.trim());
  const shape = { inverted: state.direction === 'allocating', grouped: state.group, byLine: state.lines };
  const key = JSON.stringify(shape);
  if (!trees.has(key)) trees.set(key, new CallTree(profile, shape));
  tree = trees.get(key);
  tree.weigh(weights);
  zoomed = tree.find(state.zoom ? state.zoom.split('.').map(Number) : []);
  showControls();
  showSums();
  for (const [view] of views) byId(`view-${view}`).hidden = view !== state.view;
  const isNothing = weights.total === 0;
  byId(`view-${state.view}`).hidden = isNothing;
  if (isNothing) return;
  if (state.view === 'flame') {
    showCrumbs();
    flame.show(tree, zoomed, found, state.root);
  } else if (state.view === 'tree') treeView.show(tree, found);
  else if (state.view === 'functions') functionTable.show(weights, state, found);
  else stackList.show(weights, state, found);
}

function showControls() {
  showChoice(byId('metrics'), state.metric);
  showChoice(byId('views'), state.view);
  showChoice(byId('direction'), state.direction);
  for (const id of ['heap', 'thread', 'library']) {
    byId(id).value = state[id];
    byId(id).parentElement.classList.toggle('active', id !== 'heap' && state[id] !== '');
  }
  for (const id of ['group', 'lines', 'root']) byId(id).checked = state[id];
  const isTree = state.view === 'flame' || state.view === 'tree';
  byId('direction').hidden = byId('lines').parentElement.hidden = !isTree;
  if (byId('search') !== document.activeElement) byId('search').value = state.search;
}

function showSums() {
  let share = 0;
  if (found) {
    for (let site = 0; site < profile.siteCount; site++) {
      if (weights.size[site] > 0 && profile.stackOf(site, state.group).some(frame => found[frame])) share += weights.size[site];
    }
  }
  byId('matched').textContent = found ? `${formatPercent(share, weights.total)} matched (${metric.format(share)})` : '';
  const isFiltered = weights.total < weights.unfiltered;
  byId('shown').textContent = isFiltered ? `showing ${metric.format(weights.total)} of ${metric.format(weights.unfiltered)} (${formatPercent(weights.total, weights.unfiltered)})` : '';
  const nothing = byId('nothing');
  nothing.hidden = weights.total > 0;
  if (weights.total > 0) return;
  if (weights.unfiltered > 0) nothing.textContent = 'Nothing passes the filters. Choose all threads and all libraries to see everything again.';
  else if (state.heap === 'gc' && state.metric !== 'allocated' && state.metric !== 'count') nothing.textContent = 'Of the GC heap only what was allocated is known, not what is live. Choose Allocated or Allocations above.';
  else nothing.textContent = `Nothing to show: ${metric.name.toLowerCase()} is 0. Choose another total above.`;
}

function showCrumbs() {
  const path = [0, ...tree.path(zoomed)];
  const hiddenCount = Math.max(0, path.length - 6);
  const steps = hiddenCount > 0 ? [path[0], null, ...path.slice(-4)] : path;
  replaceKeepingFocus(byId('crumbs'),
    make('ol', {}, steps.map(node => make('li', {}, node === null ? `… ${hiddenCount + 1} …`
      : make('button', { type: 'button', 'aria-current': node === zoomed ? 'location' : null, title: tree.nameOf(node), onclick: () => zoomTo(node) },
        make('bdi', {}, node === 0 ? 'all' : tree.functionOf(node).short))))),
    ...(zoomed > 0 ? [make('button', { type: 'button', class: 'reset', onclick: () => zoomTo(0) }, 'Reset zoom'), copyButton()] : []));
}

function copyButton() {
  const button = make('button', { type: 'button', class: 'copy', onclick: () => copyText(tree.stackText(zoomed), button) }, 'Copy stack');
  return button;
}

function setUpControls() {
  makeChoices(byId('views'), 'tab', views.map(([id, name]) => [id, name, { id: `tab-${id}`, 'aria-controls': `view-${id}` }]), id => change({ view: id }, true));
  makeChoices(byId('direction'), 'radio', [['callers', 'From callers'], ['allocating', 'Bottom-up: who allocates']], id => change({ direction: id }));
  const options = (id, choices) => byId(id).replaceChildren(...choices.map(([value, name]) => make('option', { value }, name)));
  options('heap', profile.hasNativeHeap ? [['native', 'Native'], ['gc', 'GC heap'], ['both', 'Both']] : [['both', 'GC heap']]);
  byId('heap-label').hidden = !profile.hasGcHeap;
  options('thread', [['', 'all'], ...[...new Set(profile.threads.map(thread => profile.texts[thread]))].sort().map(name => [name, name || '(no name)'])]);
  options('library', [['', 'all'], ...[...new Set(profile.functions.map(({ library }) => library))].filter(Boolean).sort().map(name => [name, name])]);
  for (const id of ['heap', 'thread', 'library']) byId(id).addEventListener('change', event => change({ [id]: event.target.value }));
  for (const id of ['group', 'lines', 'root']) byId(id).addEventListener('change', event => change({ [id]: event.target.checked }));
  byId('group').parentElement.hidden = !profile.functions.slice(0, -1).some(({ kind }) => kind === runtimeKind);
  const search = byId('search');
  search.addEventListener('input', () => change({ search: search.value }));
  search.addEventListener('keydown', event => {
    if (event.key === 'Escape') { search.value = ''; change({ search: '' }); search.blur(); }
    if (event.key === 'Enter' && state.view === 'flame') flame.canvas.focus();
  });
  addEventListener('keydown', event => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName)) return;
    event.preventDefault();
    search.focus();
    search.select();
  });
  const used = new Set(profile.functions.slice(0, -1).map(({ kind }) => kind));
  byId('legend').append(...(profile.isDifference
    ? [['grew', 'Grew'], ['shrank', 'Shrank'], ['same', 'As before']].map(([id, name]) => make('li', {}, make('span', { class: `dot ${id}` }), name))
    : kinds.map((kind, i) => (used.has(i) ? make('li', {}, make('span', { class: `dot ${kind.id}` }), kind.name) : null)).filter(Boolean)));
}

function showEmpty() {
  const { intervalBytes } = profile.info, empty = byId('empty');
  empty.hidden = false;
  for (const id of ['metrics', 'main']) byId(id).hidden = true;
  empty.append(make('h2', {}, 'No samples'),
    make('p', {}, intervalBytes > 1
      ? `The program allocated less than the sampling interval of ${formatBytes(intervalBytes)}, or nothing through malloc. To record every allocation, try:`
      : 'Every allocation was to be recorded, and there was none. Perhaps the program runs on an allocator of its own, or it is linked statically.'),
    ...(intervalBytes > 1 ? [make('pre', {}, `lampyris profile --interval 1 -- ${profile.info.command || profile.info.program}`)] : []));
}

showHeader(profile);
new Timeline(byId('timeline'), profile, id => change({ metric: id }));
setUpTheme(() => flame.draw());
if (profile.siteCount === 0) showEmpty();
else {
  setUpControls();
  render();
  addEventListener('popstate', () => {
    state = readState(location.hash);
    correctState(state, profile);
    render();
  });
}

/** What the flame graph shows now, for scripts and tests: outermost row first, positions in CSS pixels of the window. */
globalThis.lampyris = {
  boxes() {
    const place = flame.canvas.getBoundingClientRect();
    return flame.rows.flatMap((boxes, row) => boxes.map(({ node, x, width }) => ({
      name: tree.nameOf(node), row, x: place.left + x, y: place.top + flame.top(row) - flame.scroller.scrollTop, width, height: rowHeight, size: tree.size[node],
      isFound: Boolean(found && node > 0 && found[tree.frame[node]]),
    })));
  },
};
