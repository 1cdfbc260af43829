// Elements are made here, and text reaches them as text only: a function may be called `<script>`.

const svgNamespace = 'http://www.w3.org/2000/svg';

function byId(id) {
  return document.getElementById(id);
}

/** An element with its properties (`class`, `on…` for events, the rest as attributes) and children: elements or plain text. */
function make(tag, properties, ...children) {
  return fill(document.createElement(tag), properties, children);
}

function makeSvg(tag, properties, ...children) {
  return fill(document.createElementNS(svgNamespace, tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
}

/** A control of which one choice is on: arrow keys go from choice to choice. `choices` are [value, content]. */
function makeChoices(container, role, choices, choose) {
  const buttons = choices.map(([value, content, properties]) => make('button', {
    type: 'button', role, 'data-value': value, onclick: () => choose(value), ...properties,
  }, content));
  replaceKeepingFocus(container, ...buttons);
  container.onkeydown = event => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const at = buttons.indexOf(document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = buttons[(at + step + buttons.length) % buttons.length];
    next.focus();
    next.click();
  };
}

function showChoice(container, value) {
  for (const button of container.querySelectorAll('[data-value]')) {
    const chosen = button.dataset.value === value;
    button.setAttribute(button.getAttribute('role') === 'tab' ? 'aria-selected' : 'aria-checked', String(chosen));
    button.tabIndex = chosen ? 0 : -1;
  }
}

/** New contents; if the focus was in the old ones, it goes to what is chosen in the new ones. */
function replaceKeepingFocus(container, ...contents) {
  const hadFocus = container.contains(document.activeElement);
  container.replaceChildren(...contents);
  if (hadFocus) queueMicrotask(() => container.querySelector('[aria-checked="true"], [aria-selected="true"], [aria-current]')?.focus({ preventScroll: true }));
}

/** Says something to those who hear the page. */
function say(text) {
  byId('said').textContent = text;
}

/** A bar whose length is a share of the widest one's, 0 to 1. */
function makeBar(share, kind) {
  const bar = make('span', { class: `share ${kind ?? ''}`, 'aria-hidden': 'true' });
  bar.style.setProperty('--share', String(Math.max(0, Math.min(1, share))));
  return bar;
}

async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Not every browser gives a page from the disk the clipboard; the old way needs no permission.
    const area = make('textarea', { class: 'hidden' });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  say('Copied');
  if (!button) return;
  const before = button.dataset.label ??= button.textContent;
  button.textContent = 'Copied ✓';
  setTimeout(() => { button.textContent = before; }, 1500);
}
