"""Prints the median of the milliseconds on the processor that json.loads takes for a file's bytes."""

import json
import pathlib
import statistics
import sys
import time

data = pathlib.Path(sys.argv[1]).read_bytes()
times = []
for _ in range(100):
    begun = time.process_time()
    json.loads(data)
    times.append((time.process_time() - begun) * 1000)
print(statistics.median(times))
