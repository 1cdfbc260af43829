// Live bytes and RSS over time: an area, a line, the peak, the marks. Where there are more points than pixels, each pixel's highest counts.

class Timeline {
  constructor(section, profile, chooseMetric) {
    this.section = section;
    this.info = profile.info;
    this.chooseMetric = chooseMetric;
    this.points = [];
    const packed = this.info.timeline;
    for (let i = 0; i < packed.length; i += 3) this.points.push({ seconds: packed[i], rss: packed[i + 1], live: packed[i + 2] });
    section.hidden = this.points.length < 2 || profile.isDifference;
    if (section.hidden) return;
    this.from = this.points[0].seconds;
    this.to = Math.max(this.points.at(-1).seconds, this.from + 1e-6);
    this.highest = this.points.reduce((most, { rss, live }) => Math.max(most, rss, live), 1);
    const hasRss = this.points.some(({ rss }) => rss > 0);
    section.append(make('div', { class: 'timeline-key' },
      make('span', { class: 'key-live' }, 'Live bytes'), hasRss ? make('span', { class: 'key-rss' }, 'RSS') : null,
      this.readout = make('output', {})));
    this.svg = section.appendChild(makeSvg('svg', { role: 'img', 'aria-label': this.summary() }));
    this.svg.addEventListener('pointermove', event => this.hover(event));
    this.svg.addEventListener('pointerleave', () => this.leave());
    new ResizeObserver(() => this.draw()).observe(section);
  }

  summary() {
    const last = this.points.at(-1);
    return `From ${formatBytes(this.points[0].live)} live to ${formatBytes(last.live)} in ${formatSeconds(this.to - this.from)}; `
      + `highest RSS ${formatBytes(this.points.reduce((most, { rss }) => Math.max(most, rss), 0))}`;
  }

  x(seconds) {
    return this.left + (seconds - this.from) / (this.to - this.from) * (this.width - this.left - 8);
  }

  y(bytes) {
    return this.height - 18 - bytes / this.highest * (this.height - 18 - this.head);
  }

  draw() {
    this.width = Math.max(200, this.section.clientWidth - 2);
    // The labels of the moments stand above the lines.
    this.head = 18 + 13 * Math.min(3, this.info.marks.length / 3);
    this.height = 86 + this.head;
    this.left = 62;
    this.svg.setAttribute('viewBox', `0 0 ${this.width} ${this.height}`);
    this.svg.style.height = `${this.height}px`;
    const line = value => this.thin(value).map(point => `${this.x(point.seconds).toFixed(1)} ${this.y(point[value]).toFixed(1)}`).join('L');
    const live = line('live'), ground = this.y(0);
    this.svg.replaceChildren(...this.grid(),
      makeSvg('path', { class: 'area-live', d: `M${this.x(this.from)} ${ground}L${live}L${this.x(this.to)} ${ground}Z` }),
      makeSvg('path', { class: 'line-live', d: `M${live}` }),
      ...(this.points.some(({ rss }) => rss > 0) ? [makeSvg('path', { class: 'line-rss', d: `M${line('rss')}` })] : []),
      ...this.marks());
    this.cursor = this.svg.appendChild(makeSvg('g', { class: 'cursor', visibility: 'hidden' },
      makeSvg('line', { y1: this.head, y2: ground }), makeSvg('circle', { r: 3.5, class: 'dot-live' }), makeSvg('circle', { r: 3.5, class: 'dot-rss' })));
  }

  thin(value) {
    const room = Math.max(100, this.width), { points } = this;
    if (points.length <= 2 * room) return points;
    const highest = [];
    for (let pixel = 0; pixel < room; pixel++) {
      const part = points.slice(Math.floor(pixel * points.length / room), Math.floor((pixel + 1) * points.length / room));
      if (part.length) highest.push(part.reduce((most, point) => (point[value] > most[value] ? point : most)));
    }
    return [points[0], ...highest, points.at(-1)];
  }

  grid() {
    const parts = [];
    for (const share of [0, 0.5, 1]) {
      const y = this.y(share * this.highest);
      parts.push(makeSvg('line', { class: 'grid', x1: this.left, x2: this.width - 8, y1: y, y2: y }),
        makeSvg('text', { x: this.left - 8, y: y + 4, 'text-anchor': 'end' }, formatBytes(share * this.highest)));
    }
    const steps = this.width < 600 ? 2 : 4;
    for (let i = 0; i <= steps; i++) {
      const seconds = this.from + i / steps * (this.to - this.from);
      parts.push(makeSvg('text', { x: this.x(seconds), y: this.height - 4, 'text-anchor': i === 0 ? 'start' : i === steps ? 'end' : 'middle' },
        i === 0 && seconds < 0.5 ? '0' : formatSeconds(seconds)));
    }
    return parts;
  }

  marks() {
    const parts = [];
    const add = (seconds, kind, label, metric, row) => {
      const x = this.x(seconds), isLate = x > this.width * 0.75;
      const mark = makeSvg('g', { class: `moment ${kind}`, role: 'button', tabindex: 0, 'aria-label': `Show what was live at ${formatSeconds(seconds)}: ${label}` },
        makeSvg('line', { x1: x, x2: x, y1: 4, y2: this.y(0) }),
        makeSvg('text', { x: x + (isLate ? -5 : 5), y: 12 + 13 * row, 'text-anchor': isLate ? 'end' : 'start' }, label));
      const choose = () => this.chooseMetric(metric);
      mark.addEventListener('click', choose);
      mark.addEventListener('keydown', event => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); choose(); } });
      parts.push(mark);
    };
    const { marks, peakSeconds } = this.info;
    if (peakSeconds >= this.from && peakSeconds <= this.to) add(peakSeconds, 'peak', 'peak', 'peak', 0);
    let row = 1;
    for (let i = 0; i < marks.length; i += 3) {
      const reason = markReasons[marks[i + 1]] ?? 'marked', bytes = marks[i + 2];
      add(marks[i], `reason-${marks[i + 1]}`, reason + (bytes > 0 ? ` (${formatBytes(bytes)})` : ''), `mark${i / 3}`, row);
      row = row % 3 + 1;
    }
    return parts;
  }

  hover(event) {
    const box = this.svg.getBoundingClientRect();
    const x = (event.clientX - box.left) * this.width / box.width;
    const seconds = this.from + (x - this.left) / (this.width - this.left - 8) * (this.to - this.from);
    let low = 0, high = this.points.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.points[middle].seconds < seconds) low = middle + 1;
      else high = middle;
    }
    if (low > 0 && seconds - this.points[low - 1].seconds < this.points[low].seconds - seconds) low--;
    const point = this.points[low], [line, live, rss] = this.cursor.children;
    this.cursor.setAttribute('visibility', 'visible');
    for (const name of ['x1', 'x2']) line.setAttribute(name, this.x(point.seconds));
    for (const [dot, bytes] of [[live, point.live], [rss, point.rss]]) {
      dot.setAttribute('cx', this.x(point.seconds));
      dot.setAttribute('cy', this.y(bytes));
    }
    rss.setAttribute('visibility', point.rss > 0 ? 'inherit' : 'hidden');
    this.readout.textContent = `${formatSeconds(point.seconds)}: ${formatBytes(point.live)} live${point.rss > 0 ? `, RSS ${formatBytes(point.rss)}` : ''}`;
  }

  leave() {
    this.cursor.setAttribute('visibility', 'hidden');
    this.readout.textContent = '';
  }
}
