# Reads and writes JSON, groups and sorts records, builds strings. PYTHONMALLOC=malloc sends every object to malloc.
import json
import random

random.seed(1)
total = 0
for round in range(3):
    records = [
        {"id": i, "name": f"user {random.randrange(5000)}", "score": random.random(), "tags": ["t%d" % random.randrange(50) for _ in range(4)]}
        for i in range(25000)
    ]
    text = json.dumps(records)
    again = json.loads(text)
    assert again == records
    by_name = {}
    for record in again:
        by_name.setdefault(record["name"], []).append(record)
    best = sorted(by_name.items(), key=lambda item: (-max(r["score"] for r in item[1]), item[0]))
    lines = [f"{name}: {len(group)} {','.join(sorted(set(tag for r in group for tag in r['tags'])))}" for name, group in best]
    total += len("\n".join(lines))
assert total > 0
