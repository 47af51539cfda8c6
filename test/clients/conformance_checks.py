"""Runs the checks of one client and prints each as a line of JSON: {client, rpc, check, ok, detail}.

A check is a function that raises where the server does not do what the client expects. It is bounded in time, so that a
server that never answers fails one check and not the job.
"""

import argparse
import json
import signal
import sys

CHECK_SECONDS = 40


class Checks:
    def __init__(self, client):
        self.client = client
        self._all = []

    def check(self, rpc, name, *, only_if=True):
        """Declares a check. `rpc` is one name or several, separated by spaces."""

        def declare(function):
            if only_if:
                self._all.append((rpc, name, function))
            return function

        return declare

    def run(self):
        signal.signal(signal.SIGALRM, _too_late)
        for rpc, name, function in self._all:
            signal.alarm(CHECK_SECONDS)
            try:
                function()
                ok, detail = True, ""
            except Exception as error:  # Whatever it is: it is this check's answer.
                ok, detail = False, f"{type(error).__name__}: {error}"[:600]
            finally:
                signal.alarm(0)
            line = {"client": self.client, "rpc": rpc.split(), "check": name, "ok": ok, "detail": detail}
            print(json.dumps(line), flush=True)


def _too_late(_signal, _frame):
    raise TimeoutError(f"no answer within {CHECK_SECONDS} s")


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--flavour", default="")
    parser.add_argument("--direct", action="store_true", help="talk to the service, not to the router")
    parser.add_argument("--grpc", required=True, help="the router's gRPC address")
    parser.add_argument("--http", required=True, help="the router's HTTP address; empty where there is none")
    parser.add_argument("--service", required=True, help="the gRPC address of a service that offers shared memory")
    parser.add_argument("--model-file", required=True, help="an ONNX file to load; it adds 7")
    arguments = parser.parse_args()
    # Some libraries read the command line when they are imported.
    del sys.argv[1:]
    return arguments


def equal(actual, expected, what="value"):
    if actual != expected:
        raise AssertionError(f"{what} is {actual!r}, expected {expected!r}")


def holds(condition, what):
    if not condition:
        raise AssertionError(what)


def contains(text, part):
    if part not in text:
        raise AssertionError(f"{text!r} does not contain {part!r}")

