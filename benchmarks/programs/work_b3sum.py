"""The yardstick for large files: BLAKE3's own program digests a file that has just been written.

`python work_b3sum.py start|large-file SIZE WORKERS FLUSH PROGRAM`: with FLUSH `flush`, the file is flushed to disk,
too.
"""

import os
import subprocess
import sys

from bodies import write_large

if __name__ == "__main__":
    _, workload, size, workers, flush, program = sys.argv
    if workload == "large-file":
        write_large("large.bin", int(size))
        subprocess.run([program, "--num-threads", workers, "large.bin"], check=True)
        if flush == "flush":
            file = os.open("large.bin", os.O_RDONLY)
            os.fsync(file)
