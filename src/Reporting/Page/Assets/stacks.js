// The allocation sites as whole stacks, heaviest first; in a difference what grew, shrank, appeared and vanished.

const stacksAtFirst = 50;
const changes = [['all', 'All'], ['grew', 'Grew'], ['shrank', 'Shrank'], ['appeared', 'Appeared'], ['vanished', 'Vanished']];

function changeKind(before, after) {
  if (before === after) return 'same';
  if (before === 0) return 'appeared';
  if (after === 0) return 'vanished';
  return after > before ? 'grew' : 'shrank';
}

class StackList {
  constructor(section, { profile, describe, chooseChange }) {
    Object.assign(this, { profile, describe, chooseChange });
    this.choices = make('div', { class: 'choices', role: 'radiogroup', 'aria-label': 'Kind of change' });
    this.list = make('ol', { class: 'stacks' });
    this.foot = make('p', { class: 'more' });
    section.append(...(profile.isDifference ? [this.choices] : []), this.list, this.foot);
  }

  show(weights, state, found) {
    const { profile } = this;
    Object.assign(this, { weights, state, found });
    this.shownCount = stacksAtFirst;
    const sites = [];
    for (let site = 0; site < profile.siteCount; site++) {
      if (weights.size[site] > 0 && (!found || profile.stackOf(site, state.group).some(frame => found[frame]))) sites.push(site);
    }
    if (weights.before) {
      this.change = site => weights.after[site] - weights.before[site];
      const kindOf = site => changeKind(weights.before[site], weights.after[site]);
      const chosen = changes.some(([id]) => id === state.change) ? state.change : 'all';
      makeChoices(this.choices, 'radio', changes.map(([id, title]) => {
        const members = sites.filter(site => (id === 'all' ? kindOf(site) !== 'same' : kindOf(site) === id));
        const sum = members.reduce((total, site) => total + this.change(site), 0);
        return [id, [title, make('span', { class: 'note' }, `${formatCount(members.length)} · ${withSign(sum, this.describe.value)}`)]];
      }), this.chooseChange);
      showChoice(this.choices, chosen);
      this.sites = sites.filter(site => (chosen === 'all' ? kindOf(site) !== 'same' : kindOf(site) === chosen))
        .sort((a, b) => Math.abs(this.change(b)) - Math.abs(this.change(a)));
    } else {
      this.sites = sites.sort((a, b) => weights.size[b] - weights.size[a]);
    }
    this.draw();
  }

  draw() {
    const largest = this.sites.length === 0 ? 0 : Math.abs(this.sizeOf(this.sites[0]));
    this.list.replaceChildren(...this.sites.slice(0, this.shownCount).map(site => this.makeStack(site, largest)));
    const rest = this.sites.length - this.shownCount;
    this.foot.replaceChildren(...(this.sites.length === 0 ? ['No stack matches.'] : []),
      ...(rest > 0 ? [make('button', { type: 'button', onclick: () => { this.shownCount += 200; this.draw(); } }, `${formatCount(rest)} more stacks`)] : []));
  }

  sizeOf(site) {
    return this.weights.before ? this.change(site) : this.weights.size[site];
  }

  makeStack(site, largest) {
    const { profile, weights } = this, size = this.sizeOf(site), isChange = Boolean(weights.before);
    const stack = [...profile.stackOf(site, this.state.group)].reverse();
    const nameOf = frame => profile.functions[profile.frameFunction[frame]];
    const kind = isChange ? changeKind(weights.before[site], weights.after[site]) : null;
    const notes = isChange
      ? [kind, `${this.describe.value(weights.before[site])} → ${this.describe.value(weights.after[site])}`]
      : [formatPercent(size, weights.total), weights.isByCount ? formatBytes(weights.bytes[site]) : formatAllocations(weights.count[site])];
    notes.push(profile.texts[profile.threads[site]]);
    const lines = make('ol', { class: 'frames' });
    const open = () => {
      if (lines.childElementCount > 0) return;
      lines.append(...stack.map(frame => {
        const { name, library, kind: frameKind } = nameOf(frame);
        return make('li', {}, make('span', { class: `dot ${kinds[frameKind].id}`, 'aria-hidden': 'true' }), make('bdi', { class: this.found?.[frame] ? 'found' : '' }, name),
          make('span', { class: 'place' }, [library, profile.placeOf(frame)].filter(Boolean).join(' · ')));
      }));
      if (profile.flags[site] & incompleteFlag) lines.append(make('li', { class: 'cut' }, 'The stack goes on: the rest could not be walked.'));
    };
    const copy = make('button', { type: 'button', onclick: () => copyText(`${this.describe.value(size)} ${notes.join(', ')}\n${stack.map(frame => profile.describe(frame)).join('\n')}\n`, copy) }, 'Copy stack');
    const short = stack.slice(0, 5).map(frame => nameOf(frame).short).join(' ← ');
    const details = make('details', { ontoggle: open },
      make('summary', {}, makeBar(largest > 0 ? Math.abs(size) / largest : 0, isChange ? (size > 0 ? 'grew' : 'shrank') : ''),
        make('strong', { class: isChange ? (size > 0 ? 'grew' : 'shrank') : '' }, isChange ? withSign(size, this.describe.value) : this.describe.value(size)),
        make('bdi', { class: 'short' }, short || 'no stack'), make('span', { class: 'note' }, notes.filter(Boolean).join(' · '))),
      make('div', { class: 'stack' }, lines, copy));
    return make('li', {}, details);
  }
}
