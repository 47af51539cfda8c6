"""`mlserver start FOLDER`, ended when its standard input closes: the bench holds the other end, and may be killed."""

import os
import signal
import sys
import threading


def end_with_input() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


# MLServer's worker is a process that imports this file again.
if __name__ == "__main__":
    from mlserver.cli import main

    threading.Thread(target=end_with_input, daemon=True).start()
    sys.argv = ["mlserver", "start", sys.argv[1]]
    main()
