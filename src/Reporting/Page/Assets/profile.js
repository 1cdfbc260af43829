// The data of `PageData`, unpacked: frames, functions, sites and weights, all by number, in flat arrays.

const kinds = [
  { id: 'unknown', name: 'Unknown' },
  { id: 'native', name: 'Native' },
  { id: 'managed', name: 'Managed (.NET)' },
  { id: 'runtime', name: '.NET runtime' },
  { id: 'object', name: 'GC heap: type' },
];
const runtimeKind = 3;
const gcHeapFlag = 1;
const incompleteFlag = 2;
const markReasons = { 1: 'memory refused', 2: 'limit reached', 3: 'asked for' };

class Profile {
  constructor(data) {
    this.infos = data.profiles;
    this.info = data.profiles.at(-1);
    this.isDifference = data.profiles.length > 1;
    this.texts = data.texts;
    this.unpackFrames(data.frames);
    this.unpackStacks(data.stacks, data.threads.length);
    this.threads = data.threads;
    this.flags = data.flags;
    this.siteCount = data.threads.length;
    this.hasGcHeap = data.flags.some(flags => flags & gcHeapFlag);
    this.hasNativeHeap = data.flags.some(flags => !(flags & gcHeapFlag));
    this.after = data.weights.at(-1);
    this.before = this.isDifference ? data.weights[0] : null;
  }

  unpackFrames(packed) {
    const count = packed.length / 5 + 1;
    this.frameFunction = new Int32Array(count);
    this.frameFile = new Int32Array(count);
    this.frameLine = new Int32Array(count);
    this.functions = [];
    const known = new Map();
    const functionOf = (name, library, kind) => {
      const key = `${name}\n${library}\n${kind}`;
      let number = known.get(key);
      if (number === undefined) {
        number = this.functions.length;
        known.set(key, number);
        const short = shortName(name), at = name.indexOf(short);
        // `label`: without the namespaces, but with the arguments, which tell overloads apart.
        this.functions.push({ number, name, library, kind, short, label: at >= 0 ? name.slice(at) : name });
      }
      return number;
    };
    for (let i = 0; i < count - 1; i++) {
      this.frameFunction[i] = functionOf(this.texts[packed[5 * i]], this.texts[packed[5 * i + 1]], packed[5 * i + 4]);
      this.frameFile[i] = packed[5 * i + 2];
      this.frameLine[i] = packed[5 * i + 3];
    }
    // Stands for any run of the runtime's frames while they are grouped.
    this.runtimeFrame = count - 1;
    this.frameFunction[this.runtimeFrame] = functionOf('[.NET runtime]', '', runtimeKind);
    this.frameFile[this.runtimeFrame] = -1;
    this.frameCount = count;
  }

  unpackStacks(packed, siteCount) {
    let total = 0;
    for (let at = 0; at < packed.length; at += 2 + packed[at + 1]) total += packed[at] + packed[at + 1];
    this.stackStart = new Uint32Array(siteCount + 1);
    this.stackFrames = new Int32Array(total);
    let at = 0, end = 0, before = 0;
    for (let site = 0; site < siteCount; site++) {
      const shared = packed[at++], further = packed[at++];
      this.stackStart[site] = end;
      this.stackFrames.copyWithin(end, before, before + shared);
      before = end;
      end += shared;
      for (let i = 0; i < further; i++) this.stackFrames[end++] = packed[at++];
    }
    this.stackStart[siteCount] = end;
  }

  kindOf(frame) {
    return this.functions[this.frameFunction[frame]].kind;
  }

  /** `file:line`, or nothing where it is not known. */
  placeOf(frame) {
    const file = this.frameFile[frame] < 0 ? '' : this.texts[this.frameFile[frame]];
    if (!file) return '';
    return this.frameLine[frame] > 0 ? `${file}:${this.frameLine[frame]}` : file;
  }

  /** A site's frames, outermost first, the runtime's runs as one frame if they are grouped. */
  stackOf(site, grouped) {
    if (!grouped) return this.stackFrames.subarray(this.stackStart[site], this.stackStart[site + 1]);
    if (!this.groupedFrames) this.groupRuntime();
    return this.groupedFrames.subarray(this.groupedStart[site], this.groupedStart[site + 1]);
  }

  groupRuntime() {
    const { stackFrames, stackStart, siteCount, runtimeFrame } = this;
    const isRuntime = Uint8Array.from({ length: this.frameCount }, (_, frame) => (this.kindOf(frame) === runtimeKind ? 1 : 0));
    this.groupedStart = new Uint32Array(siteCount + 1);
    this.groupedFrames = new Int32Array(stackFrames.length);
    let end = 0;
    for (let site = 0; site < siteCount; site++) {
      const start = this.groupedStart[site] = end;
      for (let i = stackStart[site]; i < stackStart[site + 1]; i++) {
        const frame = isRuntime[stackFrames[i]] ? runtimeFrame : stackFrames[i];
        if (frame !== runtimeFrame || end === start || this.groupedFrames[end - 1] !== runtimeFrame) this.groupedFrames[end++] = frame;
      }
    }
    this.groupedStart[siteCount] = end;
  }

  /** A line of a stack that was copied as text. */
  describe(frame) {
    const { name, library } = this.functions[this.frameFunction[frame]];
    const place = this.placeOf(frame);
    return name + (library ? ` [${library}]` : '') + (place ? ` at ${place}` : '');
  }
}

/** A name without its arguments and template arguments, and without most of its namespaces: what fits into a narrow box. */
function shortName(name) {
  if (/^[[/<]/.test(name)) return name;
  const plain = name
    .replace(/[+.]<(\w+)>d__\d+\.MoveNext\b/, '.$1') // an async method's state machine goes by the method's name
    .replace(/`\d+/g, '').replaceAll('(anonymous namespace)::', '');
  let bare = '', depth = 0;
  for (let i = 0; i < plain.length; i++) {
    const c = plain[i];
    const isPartOfName = depth === 0 && (/operator[<>()=-]*$/.test(bare) || (c === '<' && /[.+]/.test(plain[i - 1])));
    if (plain.startsWith('[]', i)) { // an array's type
      if (depth === 0) bare += '[]';
      i++;
    } else if ('<([{'.includes(c) && i > 0 && !isPartOfName) depth++;
    else if ('>)]}'.includes(c) && depth > 0) depth--;
    else if (depth === 0) bare += c;
  }
  const operator = /(?:\w+::)?operator\b.*$/.exec(bare);
  if (operator) return operator[0].trim();
  bare = bare.trim().split(' ').at(-1); // what stands before is the result's type
  if (!bare) return name;
  const parts = bare.split(/::|\.(?=\D)/).filter(part => part);
  return parts.length > 2 ? parts.slice(-2).join(bare.includes('::') ? '::' : '.') : bare;
}
