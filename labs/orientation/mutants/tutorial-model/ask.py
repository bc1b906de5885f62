"""Ask the local model one question and print the answer while it is generated.

    python ask.py "What is a readiness probe for?"

The answer goes to standard output; figures and faults go to standard error. The client finds the model and its key by
itself, in OPENAI_BASE_URL and OPENAI_API_KEY.
"""

import sys

from openai import OpenAI, OpenAIError

MODEL = "gpt-4o-mini"
QUESTION = "In one sentence, what is a readiness probe for?"


def ask(question):
    """Print the answer piece by piece and return the usage that the server counted."""
    client = OpenAI(timeout=60, max_retries=1)
    stream = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": question}],
        max_tokens=64,
        temperature=0,
        stream=True,
        stream_options={"include_usage": True},
    )
    usage = None
    for chunk in stream:
        # The chunk with the usage is the last one, and it has no choices.
        for choice in chunk.choices:
            print(choice.delta.content or "", end="", flush=True)
        usage = chunk.usage or usage
    print()
    return usage


if __name__ == "__main__":
    try:
        usage = ask(" ".join(sys.argv[1:]) or QUESTION)
    except OpenAIError as fault:
        sys.exit(f"ask.py: {fault}")
    print(f"{usage.prompt_tokens} prompt tokens, {usage.completion_tokens} completion tokens", file=sys.stderr)
