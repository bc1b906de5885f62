"""The incident archive, as its vendor's driver offers it: without an async version.

Stands for every such call that you have: a database driver, an SDK of a cloud, a file on a network
drive.
"""

import time


def timeline(incident_id: str) -> list[str]:
    """What is filed for an incident. Takes a quarter of a second, in which the calling thread does
    nothing else."""
    time.sleep(0.25)
    return [f"{incident_id}: opened", f"{incident_id}: mitigated", f"{incident_id}: closed"]
