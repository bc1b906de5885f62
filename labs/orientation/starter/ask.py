"""Ask the local model one question and print the answer while it is generated.

    python ask.py "What is a readiness probe for?"

The answer goes to standard output; figures and faults go to standard error. The client finds the model and its key by
itself, in OPENAI_BASE_URL and OPENAI_API_KEY.
"""

import sys

from openai import OpenAI, OpenAIError

MODEL = "smollm2-135m-instruct"
QUESTION = "In one sentence, what is a readiness probe for?"


def ask(question):
    """Print the answer piece by piece and return the usage that the server counted."""
    client = OpenAI(timeout=60, max_retries=1)
    # Yours: a chat completion of at most 64 tokens with stream=True, that also asks for the usage. Print each piece
    # at once (flush it), and keep the usage that comes with the last chunk.
    sys.exit("ask.py: nothing is asked yet")


if __name__ == "__main__":
    try:
        usage = ask(" ".join(sys.argv[1:]) or QUESTION)
    except OpenAIError as fault:
        sys.exit(f"ask.py: {fault}")
    print(f"{usage.prompt_tokens} prompt tokens, {usage.completion_tokens} completion tokens", file=sys.stderr)
