"""Qdrant's interface, as far as this lab needs it. Given; its official client would do as well."""

from __future__ import annotations

import httpx

from settings import gateway


class Qdrant:
    def __init__(self) -> None:
        root, key = gateway()
        self.http = httpx.Client(base_url=root, headers={"api-key": key}, timeout=60)

    def call(self, method: str, path: str, body: dict | None = None) -> dict:
        answer = self.http.request(method, f"/collections/{path}", json=body)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()["result"]

    def make(self, name: str, dimension: int) -> None:
        """Anew: a collection of this name is deleted before."""
        self.http.delete(f"/collections/{name}")
        vectors = {"size": dimension, "distance": "Cosine"}
        self.call("PUT", name, {"vectors": vectors})

    def upsert(self, name: str, points: list[dict]) -> None:
        self.call("PUT", f"{name}/points?wait=true", {"points": points})

    def query(self, name: str, vector: list[float], limit: int, **more) -> list[dict]:
        body = {"query": vector, "limit": limit, "with_payload": True, **more}
        return self.call("POST", f"{name}/points/query", body)["points"]

    def delete(self, name: str) -> None:
        self.call("DELETE", name)
