// The page's head: what was profiled, how it went, and the totals, which are also the switch between them.

function showHeader(profile) {
  const { info, infos } = profile;
  byId('program').textContent = info.program;
  byId('page-kind').textContent = profile.isDifference ? 'difference of two heap profiles' : 'heap profile';
  const command = byId('command');
  command.textContent = info.command || info.executable;
  command.title = info.command || info.executable;
  const facts = byId('facts');
  const add = (name, value, title) => facts.append(make('div', { title }, make('dt', {}, name), make('dd', {}, value)));
  const both = (name, value, title) => {
    const [first, last] = [value(infos[0]), value(info)];
    add(name, first === last ? last : `${first} → ${last}`, title);
  };
  both('Started', ({ started }) => `${started.slice(0, 10)} ${started.slice(11, 16)} UTC`);
  both('Duration', ({ seconds }) => formatSeconds(seconds));
  both('PID', ({ processId }) => String(processId));
  both('Interval', ({ intervalBytes }) => (intervalBytes <= 1 ? 'every allocation' : formatBytes(intervalBytes)),
    'Mean number of allocated bytes from one sample to the next');
  both('Samples', ({ samples }) => formatCount(samples));
  showRemarks(infos);
}

function showRemarks(infos) {
  const remarks = infos.flatMap((info, i) => {
    const lines = [...info.remarks];
    if (info.lost > 0) lines.push(`${formatCount(info.lost)} samples were lost: sizes are a little too low.`);
    return infos.length > 1 ? lines.map(line => `${i === 0 ? 'Before' : 'After'}: ${line}`) : lines;
  });
  byId('remarks').replaceChildren(...remarks.map(remark => make('li', {}, make('bdi', {}, remark))));
  byId('remarks').hidden = remarks.length === 0;
}

function showMetrics(profile, metrics, choose) {
  // Every mark is in the timeline too, where there is room for more of them.
  const tiles = metrics.filter(({ id }) => !/^mark\d\d|^mark[4-9]/.test(id)).map(metric => {
    const content = [make('span', { class: 'name' }, metric.name)];
    if (profile.isDifference) {
      const delta = metric.total - metric.totalBefore;
      content.push(make('strong', { class: delta > 0 ? 'grew' : delta < 0 ? 'shrank' : '' }, withSign(delta, metric.format)),
        make('span', { class: 'note' }, `${metric.format(metric.totalBefore)} → ${metric.format(metric.total)}`));
    } else {
      content.push(make('strong', {}, metric.format(metric.total)), make('span', { class: 'note' }, noteOf(metric, profile.info)));
    }
    return [metric.id, content, { class: metric.markSeconds === undefined ? 'tile' : 'tile mark' }];
  });
  makeChoices(byId('metrics'), 'radio', tiles, choose);
}

function noteOf(metric, info) {
  if (metric.id === 'count') return `${formatBytes(metric.otherTotal)} in all`;
  if (metric.id === 'peak' && metric.total > 0) return `at ${formatSeconds(info.peakSeconds)} · ${formatCount(metric.otherTotal)} blocks`;
  if (metric.id === 'live') return `${formatCount(metric.otherTotal)} blocks`;
  if (metric.markSeconds !== undefined) return `at ${formatSeconds(metric.markSeconds)}${metric.value > 0 ? ` · ${metric.reason === 'memory refused' ? 'asked for ' : ''}${formatBytes(metric.value)}` : ''}`;
  return formatAllocations(metric.otherTotal);
}

/** Follows the system unless the reader chooses; remembers the choice where the browser lets a page from the disk do so. */
function setUpTheme(redraw) {
  const button = byId('theme'), choices = ['', 'light', 'dark'];
  const labels = { '': '◐ Auto', light: '☀ Light', dark: '☾ Dark' };
  const show = choice => {
    if (choice) document.documentElement.dataset.theme = choice;
    else delete document.documentElement.dataset.theme;
    button.textContent = labels[choice];
    redraw();
  };
  let choice = '';
  try { choice = localStorage.getItem('lampyris-theme') ?? ''; } catch { /* no storage: follow the system */ }
  if (!choices.includes(choice)) choice = '';
  button.addEventListener('click', () => {
    choice = choices[(choices.indexOf(choice) + 1) % choices.length];
    try { localStorage.setItem('lampyris-theme', choice); } catch { /* forgotten with the page */ }
    show(choice);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  addEventListener('beforeprint', () => { document.documentElement.classList.add('printing'); redraw(); });
  addEventListener('afterprint', () => { document.documentElement.classList.remove('printing'); redraw(); });
  show(choice);
}
