"""The smallest service around a model.

GET /health      200 while this process can answer, whatever the model does
GET /ask?q=TEXT  200 {"answer": TEXT, "prompt_tokens": N, "completion_tokens": N}
                 400 without a question, 503 with Retry-After while the model cannot be reached or is overloaded

Every body is JSON: an error is {"error": TEXT}. Listens on 127.0.0.1, on the port that PORT names.
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from openai import APIConnectionError, APIStatusError, OpenAI

MODEL = "smollm2-135m-instruct"

# No retries here: whoever calls this service decides about those.
client = OpenAI(
    api_key=os.environ.get("OPENAI_API_KEY", "gw-Zr4mT1vQ8sKx0LbN6yWc2HfJ9dPeUa3g"),
    timeout=45,
    max_retries=0,
)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == "/health":
            self.answer(200, {"status": "ok"})
        elif url.path == "/ask":
            self.ask(parse_qs(url.query).get("q", [""])[0].strip())
        else:
            self.answer(404, {"error": "There is no such route."})

    def ask(self, question):
        if not question:
            self.answer(400, {"error": "Put a question in the query: /ask?q=TEXT"})
            return
        try:
            reply = client.chat.completions.create(
                model=MODEL,
                messages=[{"role": "user", "content": question}],
                max_tokens=48,
                temperature=0,
            )
        except APIConnectionError as fault:
            self.log_error("the model cannot be reached: %s", fault)
            self.answer(503, {"error": "The model cannot be reached."}, Retry_After="5")
            return
        except APIStatusError as fault:
            self.log_error("the model refused: %s", fault)
            if fault.status_code == 429 or fault.status_code >= 500:
                self.answer(503, {"error": "The model is busy."}, Retry_After="5")
            else:
                # Our request was wrong, so the caller can do nothing about it.
                self.answer(502, {"error": "The model refused this service's request."})
            return
        self.answer(
            200,
            {
                "answer": reply.choices[0].message.content,
                "prompt_tokens": reply.usage.prompt_tokens,
                "completion_tokens": reply.usage.completion_tokens,
            },
        )

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
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
