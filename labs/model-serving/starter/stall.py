"""One stall, seen by a closed loop and by an open loop. Given: it runs your load.py, in jumping
time, against a coroutine that answers one request at a time in 4 ms and once takes 0.8 s.

    python stall.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "tests"))

from fakes import Stalling, run  # noqa: E402
from load import Sample, closed_loop, open_loop, poisson_arrivals  # noqa: E402


def told(name: str, samples: list[Sample]) -> None:
    times = sorted((sample.last - sample.due) * 1000 for sample in samples)
    slow = sum(time > 100 for time in times)
    middle, late = times[49], times[94]
    print(f"{name}  median {middle:4.0f} ms   95th of 100 {late:4.0f} ms   over 100 ms: {slow}")


async def main() -> None:
    told("closed loop", await closed_loop(Stalling(), 1, 100, 30))
    told("open loop  ", await open_loop(Stalling(), poisson_arrivals(60, 100, seed=2)))


if __name__ == "__main__":
    run(main())
