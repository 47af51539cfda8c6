"""Sequences and streams with tritonclient, Triton's own examples of them among them. Streams exist over gRPC only."""

import uuid

import grpc
import numpy as np
from conformance_checks import contains, equal, holds
from triton_session import (
    address, check, client, connect, flavour, fresh_id, is_async, over_grpc, pair, refused, repeated, settled, tensor,
)


# Sequences

def in_sequence(model, sequence, values, pick=0):
    answers = []
    for at, value in enumerate(values):
        kind = np.float32 if model == "sequence_controls" else np.int32
        inputs = [tensor("INPUT", "FP32" if kind is np.float32 else "INT32", np.array([[value]], kind))]
        result = client.infer(model, inputs, sequence_id=sequence, sequence_start=at == 0,
                              sequence_end=at == len(values) - 1)
        answers.append(list(result.as_numpy("OUTPUT")[0]))
    return answers


@check("ModelInfer", "sequences keep their state: ids that are numbers, and ids that are text")
def sequences():
    values = [11, 7, 5, 3, 2, 0, 1]
    sums = [[int(each)] for each in np.cumsum(values)]
    for sequence in [fresh_id(), f"text-{uuid.uuid4()}"]:
        equal(in_sequence("simple_sequence", sequence, values), sums)


@check("ModelInfer", "sequences under the strategy `oldest`, with their id as a control input")
def oldest_sequences():
    sequence = fresh_id() % 1_000_000
    equal(in_sequence("simple_dyna_sequence", sequence, [1, 2, 3]), [[1], [3], [6 + sequence]])


@check("ModelInfer", "START, END and READY reach the model as control inputs")
def controls():
    equal(in_sequence("sequence_controls", fresh_id(), [5, 6, 7]), [[5, 1, 0, 1], [6, 0, 0, 1], [7, 0, 1, 1]])


@check("ModelInfer", "a request of no sequence to a model of sequences is refused")
def no_sequence():
    inputs = [tensor("INPUT", "INT32", np.zeros((1, 1), np.int32))]
    refused(lambda: client.infer("simple_sequence", inputs), "simple_sequence", status="INVALID_ARGUMENT")


# Streams


def stream(requests, headers=None):
    """Sends them all on one stream; the results and errors in the order of their arrival, until the stream has ended."""
    if is_async:

        async def talk():
            async def each():
                for request in requests:
                    yield dict(request)

            answers = []
            async for result, error in client.bare.stream_infer(each(), headers=headers):
                answers.append((result, error))
            return answers

        return settled(talk())
    answers = []
    bare = connect(address)
    bare.start_stream(callback=lambda result, error: answers.append((result, error)), headers=headers)
    for request in requests:
        bare.async_stream_infer(**request)
    bare.stop_stream()
    return answers


def no_errors(answers):
    equal([error.message() for _, error in answers if error is not None], [], "errors")


@check("ModelStreamInfer", "100 requests on one stream are answered in their order", only_if=over_grpc)
def stream_order():
    requests = []
    for at in range(100):
        value = np.full((1, 16), at, np.int32)
        inputs = [tensor("INPUT0", "INT32", value), tensor("INPUT1", "INT32", value)]
        requests.append({"model_name": "batching", "inputs": inputs, "request_id": str(at)})
    answers = stream(requests)
    no_errors(answers)
    equal([result.get_response().id for result, _ in answers], [str(at) for at in range(100)])
    equal([int(result.as_numpy("OUTPUT0")[0][0]) for result, _ in answers], [2 * at for at in range(100)])


@check("ModelStreamInfer", "an error is told in the stream, which goes on", only_if=over_grpc)
def stream_error():
    good = {"model_name": "simple", "inputs": pair()[2], "request_id": "good"}
    bad = {"model_name": "simple", "inputs": pair()[2][:1], "request_id": "bad"}
    answers = stream([good, bad, good])
    errors = [error for _, error in answers if error is not None]
    equal([len(answers), len(errors)], [3, 1])
    contains(errors[0].message(), "expected 2 inputs but got 1 inputs for model 'simple'")


@check("ModelStreamInfer", "with triton_grpc_error the first error ends the stream with its status", only_if=over_grpc)
def stream_status():
    bad = {"model_name": "nope", "inputs": pair()[2]}
    try:
        answers = stream([bad], headers={"triton_grpc_error": "true"})
        errors = [error for _, error in answers if error is not None]
        equal(len(errors), 1)
        error = errors[0]
        text, status = error.message(), error.status()
    except grpc.RpcError as error:
        # The asyncio flavour lets gRPC's own error through.
        text, status = error.details(), str(error.code())
    contains(text, "Request for unknown model")
    equal(status, "StatusCode.NOT_FOUND")


@check("ModelStreamInfer", "Triton's decoupled repeat: a response for each element, in their order", only_if=over_grpc)
def decoupled():
    values = [4, 2, 0, 1]
    request = {"model_name": "repeat_int32", "inputs": repeated(values, [1, 2, 3, 4]), "request_id": "r"}
    answers = stream([request])
    no_errors(answers)
    equal([int(result.as_numpy("OUT")[0]) for result, _ in answers], values)
    equal([int(result.as_numpy("IDX")[0]) for result, _ in answers], [0, 1, 2, 3])


# The asyncio flavour has no way to ask for it.
@check("ModelStreamInfer", "the end of a decoupled answer: an empty response, where it was asked for", only_if=flavour == "grpc")
def final_response():
    final = lambda result: result.get_response().parameters["triton_final_response"].bool_param
    for values in [[4, 2], []]:
        request = {"model_name": "repeat_int32", "inputs": repeated(values, [0] * len(values)), "request_id": "r",
                   "enable_empty_final_response": True}
        results = [result for result, error in stream([request]) if error is None]
        equal([final(result) for result in results], [False] * len(values) + [True])
        equal([len(results[-1].get_response().outputs), results[-1].get_response().id], [0, "r"])
    plain = {"model_name": "simple", "inputs": pair()[2], "enable_empty_final_response": True}
    equal([final(result) for result, _ in stream([plain])], [True])


@check("ModelStreamInfer", "decoupled requests on one stream do not wait for one another", only_if=over_grpc)
def interleaved():
    slow = {"model_name": "repeat_int32", "inputs": repeated([1, 2, 3], [300, 300, 300]), "request_id": "slow"}
    quick = {"model_name": "simple", "inputs": pair()[2], "request_id": "quick"}
    answers = stream([slow, quick])
    no_errors(answers)
    ids = [result.get_response().id for result, _ in answers]
    equal(sorted(ids), ["quick", "slow", "slow", "slow"])
    equal(ids[0], "quick", "the first answer")


@check("ModelStreamInfer", "Triton's example of two sequences on one stream", only_if=over_grpc)
def stream_sequences():
    values = [11, 7, 5, 3, 2, 0, 1]
    for model in ["simple_sequence", "simple_dyna_sequence"]:
        first, second = fresh_id() % 1_000_000, fresh_id() % 1_000_000
        requests = []
        for sequence, sign in [(first, 1), (second, -1)]:
            for at, value in enumerate([0] + values):
                array = np.array([[sign * value + (100 if sign < 0 and at == 0 else 0)]], np.int32)
                requests.append({
                    "model_name": model, "inputs": [tensor("INPUT", "INT32", array)], "request_id": f"{sequence}_{at}",
                    "sequence_id": sequence, "sequence_start": at == 0, "sequence_end": at == len(values),
                })
        answers = stream(requests)
        no_errors(answers)
        got = {result.get_response().id: int(result.as_numpy("OUTPUT")[0][0]) for result, _ in answers}
        added = lambda sequence, at: sequence if model == "simple_dyna_sequence" and at == len(values) else 0
        for at in range(len(values) + 1):
            total = sum(values[:at])
            equal(got[f"{first}_{at}"], total + added(first, at), f"{model} {at}")
            equal(got[f"{second}_{at}"], 100 - total + added(second, at), f"{model} {at}")
