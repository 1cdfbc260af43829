// Worker threads with their own heaps, buffers that move between them, and zlib and crypto on the thread pool.
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const { createHash, pbkdf2 } = require('crypto');
const zlib = require('zlib');
const { promisify } = require('util');

function work(seed) {
  let state = seed;
  const next = () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff);
  const map = new Map();
  for (let i = 0; i < 60000; i++) {
    const buffer = Buffer.alloc(1 + next() % 3000, i & 255);
    map.set(next() % 2000, { text: 'v'.repeat(next() % 50) + i, buffer });
  }
  const hash = createHash('sha256');
  for (const key of [...map.keys()].sort((a, b) => a - b)) hash.update(map.get(key).text).update(map.get(key).buffer);
  return hash.digest('hex');
}

async function main() {
  const results = await Promise.all(Array.from({ length: 6 }, (_, n) => new Promise((resolve, reject) => {
    const worker = new Worker(__filename, { workerData: n + 1 });
    worker.on('message', ({ digest, bytes }) => resolve(digest + ' ' + createHash('sha256').update(Buffer.from(bytes)).digest('hex')));
    worker.on('error', reject);
  })));
  results.forEach((line, n) => console.log(n, line));
  const input = Buffer.alloc(2 << 20, 'the quick brown fox jumps over the lazy dog ');
  const packed = await Promise.all(Array.from({ length: 8 }, (_, n) => promisify(zlib.deflate)(input, { level: n + 1 })));
  for (const block of packed) console.log(block.length, (await promisify(zlib.inflate)(block)).equals(input));
  const keys = await Promise.all(Array.from({ length: 8 }, (_, n) => promisify(pbkdf2)('secret', 'salt' + n, 5000, 64, 'sha512')));
  for (const key of keys) console.log(key.toString('hex'));
}

if (isMainThread) main();
else {
  const bytes = new ArrayBuffer(4 << 20);
  new Uint8Array(bytes).fill(workerData);
  parentPort.postMessage({ digest: work(workerData), bytes }, [bytes]); // freed by the other thread
}
