"""The smallest service around a model.

GET /health      200 while this process can answer, whatever the model does
GET /ask?q=TEXT  200 {"answer": TEXT, "prompt_tokens": N, "completion_tokens": N}
                 400 without a question, 503 with Retry-After while the model cannot be reached or is overloaded

Every body is JSON: an error is {"error": TEXT}. Listens on 127.0.0.1, on the port that PORT names.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from openai import APIConnectionError, APIStatusError, OpenAI

MODEL = "smollm2-135m-instruct"

# No retries here: whoever calls this service decides about those.
client = OpenAI(timeout=45, max_retries=0)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        # Yours: the two routes. `self.path` is the path with its query.
        self.answer(404, {"error": "There is no such route."})

    def answer(self, status, body, **headers):
        """Send `body` as JSON. A header's underscores become hyphens: `Retry_After="5"`."""
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(payload)


if __name__ == "__main__":
    # Yours: serve `Handler` for good, with a ThreadingHTTPServer.
    sys.exit("service.py: nothing listens yet")
