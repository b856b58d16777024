"""Prints the median of the milliseconds that json.loads takes for a file's bytes."""

import json
import pathlib
import statistics
import sys
import time

data = pathlib.Path(sys.argv[1]).read_bytes()
times = []
for _ in range(100):
    begun = time.perf_counter()
    json.loads(data)
    times.append((time.perf_counter() - begun) * 1000)
print(statistics.median(times))
