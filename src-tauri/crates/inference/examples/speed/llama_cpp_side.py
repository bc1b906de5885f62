"""The side of `cargo xtask bench inference` that is llama.cpp: the same file, the same tokens, the same threads.

    python llama_cpp_side.py MODEL THREADS

Prints one JSON object: load_ms, prefill and decode in tokens a second, peak_mb.
"""

import json
import resource
import sys
import time

import llama_cpp


def decode(context, tokens, at):
    batch = llama_cpp.llama_batch_init(len(tokens), 0, 1)
    batch.n_tokens = len(tokens)
    for place, token in enumerate(tokens):
        batch.token[place], batch.pos[place] = token, at + place
        batch.n_seq_id[place], batch.seq_id[place][0] = 1, 0
        batch.logits[place] = place + 1 == len(tokens)
    assert llama_cpp.llama_decode(context, batch) == 0
    llama_cpp.llama_get_logits_ith(context, len(tokens) - 1)
    llama_cpp.llama_batch_free(batch)


def main():
    path, threads = sys.argv[1], int(sys.argv[2])
    # Held by a name of its own: llama.cpp goes on calling it.
    silent = llama_cpp.llama_log_callback(lambda *_: None)
    llama_cpp.llama_log_set(silent, None)
    llama_cpp.llama_backend_init()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    model = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
    settings = llama_cpp.llama_context_default_params()
    settings.n_ctx, settings.n_batch, settings.n_ubatch = 1024, 512, 512
    settings.n_threads = settings.n_threads_batch = threads
    context = llama_cpp.llama_init_from_model(model, settings)
    load = time.perf_counter() - started
    memory = llama_cpp.llama_get_memory(context)
    tokens = [1000 + place * 61 % 40_000 for place in range(512)]
    # The first pass over the file reads it from the disk's cache, which loading put off.
    decode(context, tokens[:3], 0)
    llama_cpp.llama_memory_clear(memory, True)
    started = time.perf_counter()
    decode(context, tokens, 0)
    prefill = 512 / (time.perf_counter() - started)
    llama_cpp.llama_memory_clear(memory, True)
    decode(context, tokens[:3], 0)
    started = time.perf_counter()
    for place in range(128):
        decode(context, [tokens[place]], 3 + place)
    speed = 128 / (time.perf_counter() - started)
    # Without Python and its libraries, which the model does not need.
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1e3
    print(json.dumps({"load_ms": load * 1e3, "prefill": prefill, "decode": speed, "peak_mb": peak}))


if __name__ == "__main__":
    main()
