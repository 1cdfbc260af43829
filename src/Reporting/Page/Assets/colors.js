// A hue for each kind of code, a shade for each function, the same everywhere and in every profile. In a difference: red grew, blue shrank.

const palettes = {
  light: {
    text: '#16191d', dim: 'rgba(255,255,255,0.72)', edge: '#ffffff', found: '#d6246e', foundText: '#ffffff', root: '#d5dae1',
    kinds: [[220, 6, 82], [34, 88, 72], [256, 78, 83], [208, 26, 80], [150, 48, 72]],
    same: [232, 235, 239], grew: [240, 108, 98], shrank: [104, 160, 240],
  },
  dark: {
    text: '#f3f5f7', dim: 'rgba(15,18,22,0.68)', edge: '#0f1216', found: '#ff5c9e', foundText: '#16060d', root: '#2d343d',
    kinds: [[220, 5, 34], [29, 62, 36], [256, 40, 48], [208, 20, 34], [155, 44, 27]],
    same: [52, 58, 66], grew: [184, 52, 48], shrank: [40, 98, 184],
  },
};

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

function palette() {
  return isDark() && !document.documentElement.classList.contains('printing') ? palettes.dark : palettes.light;
}

/** The colour of a function: its kind's, a little lighter or darker and turned by its name. */
function functionColor(colors, { name, kind }) {
  let hash = 17;
  for (let i = 0; i < name.length && i < 64; i++) hash = (hash * 31 + name.charCodeAt(i)) | 0;
  const [hue, saturation, lightness] = colors.kinds[kind] ?? colors.kinds[0];
  const turn = ((hash & 15) - 7.5) * (saturation > 30 ? 0.7 : 0.4), shade = (((hash >> 5) & 15) - 7.5) * 0.55;
  return `hsl(${hue + turn} ${saturation}% ${lightness + shade}%)`;
}

/** `change` from -1 (vanished) over 0 to 1 (new): what changed, as a share of the larger of before and after. */
function changeColor(colors, change) {
  const end = change > 0 ? colors.grew : colors.shrank, share = Math.abs(change) ** 0.5;
  return `rgb(${colors.same.map((value, i) => Math.round(value + (end[i] - value) * share)).join(' ')})`;
}
