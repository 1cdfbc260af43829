# Threads that build and drop objects, blocks that one thread makes and another frees, and forked workers.
import hashlib, json, multiprocessing, queue, random, sys, threading


def work(seed, rounds):
    rng = random.Random(seed)
    table, digest = {}, hashlib.sha256()
    for i in range(rounds):
        key = rng.randrange(5000)
        table[key] = [bytes(rng.randrange(1, 900)), "n%d" % i * rng.randrange(1, 30), {"k": i}]
        if rng.random() < 0.3:
            table.pop(rng.randrange(5000), None)
    for key in sorted(table):
        digest.update(json.dumps([len(table[key][0]), table[key][1], table[key][2]]).encode())
    return digest.hexdigest()


def hand_over():
    boxes, total, lock = queue.Queue(100), [0], threading.Lock()

    def consume():
        while (box := boxes.get()) is not None:
            with lock:
                total[0] += sum(map(len, box))

    consumers = [threading.Thread(target=consume) for _ in range(4)]
    for t in consumers:
        t.start()
    rng = random.Random(7)
    for _ in range(4000):
        boxes.put([bytearray(rng.randrange(1, 5000)) for _ in range(10)])
    for _ in consumers:
        boxes.put(None)
    for t in consumers:
        t.join()
    return total[0]


def main():
    results = {}
    threads = [threading.Thread(target=lambda n=n: results.update({n: work(n, 8000)})) for n in range(12)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for n in sorted(results):
        print(n, results[n])
    print("handed over", hand_over())
    with multiprocessing.get_context("fork").Pool(4) as pool:
        print(pool.starmap(work, [(n, 3000) for n in range(16)]))
    ended = []
    for _ in range(2000):  # many short threads
        t = threading.Thread(target=lambda: ended.append(len("x" * 3000)))
        t.start()
        t.join()
    print(sum(ended))


if __name__ == "__main__":
    main()
