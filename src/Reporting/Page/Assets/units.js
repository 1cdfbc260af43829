// Numbers as people read them. Fixed to English: a page means the same on every machine.

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const wholeNumber = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Three significant digits: 512 KiB, 1.23 MiB, 0.977 GiB. */
function formatBytes(bytes) {
  let value = Math.abs(bytes), unit = 0;
  for (; value >= 999.5 && unit < byteUnits.length - 1; unit++) value /= 1024;
  const digits = unit === 0 ? String(Math.round(value)) : value.toPrecision(3);
  return `${bytes < 0 ? '−' : ''}${digits} ${byteUnits[unit]}`;
}

/** An estimated number of allocations, which may have a fraction. */
function formatCount(count) {
  return (count < 0 ? '−' : '') + wholeNumber.format(Math.abs(count));
}

function formatAllocations(count) {
  return `${formatCount(count)} ${Math.round(count) === 1 ? 'allocation' : 'allocations'}`;
}

function formatPercent(part, whole) {
  const percent = whole > 0 ? 100 * part / whole : 0;
  if (percent > 0 && percent < 0.1) return '<0.1 %';
  if (percent < 100 && percent > 99.9) return '>99.9 %';
  return `${percent >= 99.95 || percent === 0 ? Math.round(percent) : percent.toFixed(1)} %`;
}

function withSign(value, format) {
  return (value > 0 ? '+' : '') + format(value);
}

/** From 1 ms up to days, in the two largest units. */
function formatSeconds(seconds) {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toPrecision(3)} s`;
  const whole = Math.round(seconds);
  const [days, hours, minutes] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return `${minutes} min ${whole % 60} s`;
}
