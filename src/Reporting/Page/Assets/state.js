// What the reader has chosen. All of it is in the address behind the #, so that a link shows a colleague the same picture.

const defaultState = {
  view: 'flame', metric: '', direction: 'callers', heap: '', thread: '', library: '', search: '',
  group: true, lines: false, root: false, zoom: '', function: '', change: '',
};

function readState(hash) {
  const state = { ...defaultState };
  for (const [name, value] of new URLSearchParams(hash.replace(/^#/, ''))) {
    if (!(name in defaultState)) continue;
    state[name] = typeof defaultState[name] === 'boolean' ? value === '1' : value;
  }
  return state;
}

function writeState(state) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) {
    if (value !== defaultState[name]) parameters.set(name, typeof value === 'boolean' ? (value ? '1' : '0') : value);
  }
  const text = parameters.toString();
  return text ? `#${text}` : location.pathname + location.search;
}

function isOfHeap(profile, site, heap) {
  return heap === 'both' || Boolean(profile.flags[site] & gcHeapFlag) === (heap === 'gc');
}

/** Replaces what is not there in this profile by what is: links and typed addresses may say anything. */
function correctState(state, profile) {
  const one = (name, values) => { if (!values.includes(state[name])) state[name] = values[0]; };
  one('view', ['flame', 'tree', 'functions', 'stacks']);
  one('direction', ['callers', 'allocating']);
  one('heap', profile.hasNativeHeap ? ['native', 'gc', 'both'] : ['both']);
  if (!profile.hasGcHeap) state.heap = 'both';
  const metrics = listMetrics(profile, state.heap), ids = metrics.map(metric => metric.id);
  if (!ids.includes(state.metric)) {
    const total = id => metrics.find(metric => metric.id === id).total;
    state.metric = ['live', 'peak', 'allocated'].find(id => total(id) > 0) ?? 'live';
  }
  if (state.thread && !profile.threads.some(thread => profile.texts[thread] === state.thread)) state.thread = '';
  if (state.library && !profile.functions.some(({ library }) => library === state.library)) state.library = '';
  if (state.function && !profile.functions[Number(state.function)]) state.function = '';
}

/** What can be shown of a heap: id, name, the column of weights, whether numbers or bytes count, the sum over all its sites. */
function listMetrics(profile, heap) {
  const metrics = [
    { id: 'live', name: profile.isDifference ? 'Live' : 'Live at the end', column: 'live' },
    { id: 'peak', name: 'Peak', column: 'peak' },
    { id: 'allocated', name: 'Allocated', column: 'allocated' },
    { id: 'count', name: 'Allocations', column: 'allocated', isByCount: true },
  ];
  const marks = profile.isDifference ? [] : profile.info.marks;
  for (let i = 0; i < marks.length / 3; i++) {
    const reason = markReasons[marks[3 * i + 1]] ?? 'marked';
    metrics.push({ id: `mark${i}`, name: `Live: ${reason}`, column: `mark${i}`, markSeconds: marks[3 * i], reason, value: marks[3 * i + 2] });
  }
  for (const metric of metrics) {
    const sum = (weights, part) => weights.reduce((total, value, i) => (i % 2 === part && isOfHeap(profile, i >> 1, heap) ? total + value : total), 0);
    const part = metric.isByCount ? 1 : 0;
    metric.format = metric.isByCount ? formatCount : formatBytes;
    metric.total = sum(profile.after[metric.column] ?? [], part);
    metric.otherTotal = sum(profile.after[metric.column] ?? [], 1 - part);
    metric.totalBefore = profile.before ? sum(profile.before[metric.column] ?? [], part) : 0;
  }
  return metrics;
}

/** Each site's weight under a metric, 0 where the filters leave it out. */
function weighSites(profile, metric, state) {
  const count = profile.siteCount;
  const weights = { bytes: new Float64Array(count), count: new Float64Array(count), isByCount: Boolean(metric.isByCount), unfiltered: 0 };
  if (profile.isDifference) Object.assign(weights, { before: new Float64Array(count), after: new Float64Array(count), size: new Float64Array(count) });
  const hasLibrary = state.library ? Uint8Array.from(profile.frameFunction, number => profile.functions[number].library === state.library) : null;
  const after = profile.after[metric.column], before = profile.before?.[metric.column], part = metric.isByCount ? 1 : 0;
  for (let site = 0; site < count; site++) {
    const value = Math.max(after[2 * site + part], before ? before[2 * site + part] : 0);
    if (!isOfHeap(profile, site, state.heap)) continue;
    weights.unfiltered += value;
    if (state.thread && profile.texts[profile.threads[site]] !== state.thread) continue;
    if (hasLibrary && !profile.stackOf(site, false).some(frame => hasLibrary[frame])) continue;
    weights.bytes[site] = after[2 * site];
    weights.count[site] = after[2 * site + 1];
    if (!before) continue;
    weights.before[site] = before[2 * site + part];
    weights.after[site] = after[2 * site + part];
    weights.size[site] = value;
  }
  weights.size ??= weights.isByCount ? weights.count : weights.bytes;
  weights.total = weights.size.reduce((sum, value) => sum + value, 0);
  return weights;
}

/** The frames that a search finds, a 1 for each: a part of function, library or file, or /a regular expression/. */
function findFrames(profile, search) {
  if (!search) return null;
  const expression = /^\/(.+)\/$/.exec(search);
  let test;
  if (expression) {
    try {
      const pattern = new RegExp(expression[1], 'i');
      test = text => pattern.test(text);
    } catch {
      return null; // still being typed
    }
  } else {
    const wanted = search.toLowerCase();
    test = text => text.toLowerCase().includes(wanted);
  }
  const inFunction = profile.functions.map(({ name, library }) => test(name) || test(library));
  return Uint8Array.from({ length: profile.frameCount }, (_, frame) =>
    inFunction[profile.frameFunction[frame]] || test(profile.placeOf(frame)) ? 1 : 0);
}
