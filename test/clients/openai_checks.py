"""What OpenAI's client does against the mesh's /v1/embeddings."""

import math

import openai
from conformance_checks import Checks, equal, holds, read_arguments

arguments = read_arguments()
checks = Checks("openai")
check = checks.check
client = openai.OpenAI(base_url=f"http://{arguments.http}/v1", api_key="none", max_retries=0, timeout=30)


def likeness(a, b):
    return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


@check("Embeddings", "embeds several texts, in order, like ones near to each other")
def several():
    texts = ["The cat sleeps on the sofa.", "A kitten naps on the couch.", "Interest rates rose again."]
    answer = client.embeddings.create(model="use-lite", input=texts)
    equal([each.index for each in answer.data], [0, 1, 2])
    first, second, third = (each.embedding for each in answer.data)
    equal(len(first), 512, "numbers")
    holds(likeness(first, second) > likeness(first, third) + 0.1, "the like texts are not nearer to each other")
    holds(answer.usage.prompt_tokens > 5, f"usage: {answer.usage}")


@check("Embeddings", "the same numbers in base64 (the client's default) and as JSON")
def forms():
    plain = client.embeddings.create(model="use-lite", input="hello", encoding_format="float").data[0].embedding
    packed = client.embeddings.create(model="use-lite", input="hello").data[0].embedding
    holds(max(abs(a - b) for a, b in zip(plain, packed)) < 1e-6, "they differ")


@check("Embeddings", "an unknown model is an error of OpenAI's form, 404")
def unknown():
    try:
        client.embeddings.create(model="nope", input="hello")
    except openai.NotFoundError as error:
        holds("nope" in error.message, error.message)
        return
    raise AssertionError("it was not refused")


@check("Embeddings", "lists the models")
def models():
    holds("use-lite" in [each.id for each in client.models.list()], "use-lite is not listed")


checks.run()
