"""The peers of `cargo xtask bench embeddings`, and the rounds: ONNX Runtime for speed, sentence-transformers for exactness.

    python peers.py WEIGHTS TOKENIZER THREADS OURS...

OURS is the example `embeddings` with its arguments. Prints one line of JSON: for each round what each took, ours first.
"""

import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

# Everything is at hand; a library that asks a hub all the same would wait for it.
os.environ["HF_HUB_OFFLINE"] = "1"

import numpy
import onnxruntime
import torch
from onnxruntime.transformers import optimizer
from sentence_transformers import SentenceTransformer, models
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

ROUNDS = 5
TEXTS = 256
QUERIES = 100
CONTEXT = 256
LONGEST = 250
CONFIG = BertConfig(
    vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536,
    max_position_embeddings=512, layer_norm_eps=1e-12, hidden_act="gelu", architectures=["BertModel"],
)
ODD = [
    "", " ", "a", "É\u0301 ÀÉÎÕÜ straße", "日本語の文章です。", "한국어 문장", "🦀 👩‍👩‍👧‍👦 1️⃣", "[CLS] [SEP] [MASK] [PAD]", "3.14159 1,000,000 1e-9",
    "\x00\u200b\ufeff", "x" * 150, "def f(x):\n\treturn x ** 2", "don't; C++ & <html>", "٠١٢ ½ ①",
]


class Embedder(torch.nn.Module):
    """The network with pooling and normalization, so that ONNX Runtime does all the arithmetic."""

    def __init__(self, folder):
        super().__init__()
        self.bert = BertModel.from_pretrained(folder, attn_implementation="eager", add_pooling_layer=False)

    def forward(self, input_ids, attention_mask, token_type_ids):
        rows = self.bert(input_ids, attention_mask, token_type_ids).last_hidden_state
        mask = attention_mask.unsqueeze(-1).float()
        mean = (rows * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, p=2, dim=1)


def exported(folder):
    """The network as ONNX, its operators fused as ONNX Runtime's own tool does it for BERT."""
    names = ["input_ids", "attention_mask", "token_type_ids"]
    example = torch.ones(2, 8, dtype=torch.long)
    torch.onnx.export(
        Embedder(folder).eval(), (example, example, torch.zeros_like(example)), f"{folder}/plain.onnx", input_names=names,
        output_names=["vectors"], dynamic_axes={name: {0: "texts", 1: "tokens"} for name in names}, opset_version=17,
    )
    fused = optimizer.optimize_model(f"{folder}/plain.onnx", model_type="bert", num_heads=12, hidden_size=384)
    fused.save_model_to_file(f"{folder}/fused.onnx")
    return f"{folder}/fused.onnx"


class Peer:
    def __init__(self, file, tokenizer, threads):
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(file, settings, providers=["CPUExecutionProvider"])
        self.tokenizer = tokenizer

    def embed(self, texts, size):
        """Batches of texts of like length, each padded to its longest, as sentence-transformers makes them."""
        encoded = self.tokenizer.encode_batch(texts)
        order = sorted(range(len(texts)), key=lambda index: -len(encoded[index].ids))
        vectors = numpy.zeros((len(texts), 384), numpy.float32)
        for start in range(0, len(order), size):
            chosen = order[start:start + size]
            longest = len(encoded[chosen[0]].ids)
            ids, mask = (numpy.zeros((len(chosen), longest), numpy.int64) for _ in range(2))
            for row, index in enumerate(chosen):
                ids[row, :len(encoded[index].ids)] = encoded[index].ids
                mask[row, :len(encoded[index].ids)] = 1
            inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
            vectors[chosen] = self.session.run(None, inputs)[0]
        return vectors

    def seconds(self, texts, size):
        started = time.perf_counter()
        self.embed(texts, size)
        return time.perf_counter() - started


class Ours:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, texts, vectors=False):
        self.process.stdin.write(json.dumps({"texts": texts, "vectors": vectors}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def middle(values):
    return sorted(values)[len(values) // 2]


def corpus(tokenizer):
    """Texts of 4 to 250 words, short ones more often than long ones, and questions of 5 to 12."""
    words = sorted(word for word in tokenizer.get_vocab() if word.isalpha() and word.isascii())
    draw = random.Random(20)
    text = lambda count: " ".join(draw.choice(words) for _ in range(count))
    texts = [text(int(math.exp(draw.uniform(math.log(4), math.log(LONGEST))))) for _ in range(TEXTS)]
    return texts, [text(draw.randint(5, 12)) for _ in range(QUERIES)]


def main(weights, tokenizer_file, threads, *command):
    torch.set_num_threads(int(threads))
    tokenizer = Tokenizer.from_file(tokenizer_file)
    tokenizer.no_padding()
    tokenizer.enable_truncation(CONTEXT)
    texts, queries = corpus(tokenizer)
    ours = Ours(command)
    with tempfile.TemporaryDirectory() as folder:
        CONFIG.save_pretrained(folder)
        os.symlink(weights, f"{folder}/model.safetensors")
        os.symlink(tokenizer_file, f"{folder}/tokenizer.json")
        settings = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 512}
        pathlib.Path(f"{folder}/tokenizer_config.json").write_text(json.dumps(settings))
        network = models.Transformer(folder, max_seq_length=CONTEXT)
        parts = [network, models.Pooling(network.get_word_embedding_dimension(), "mean"), models.Normalize()]
        reference = SentenceTransformer(modules=parts, device="cpu").encode(texts + ODD, batch_size=16)
        actual = numpy.array(ours.ask(texts + ODD, vectors=True)["vectors"], numpy.float32)
        difference = float(numpy.abs(actual - reference).max())
        peer = Peer(exported(folder), tokenizer, int(threads))
    peer_difference = float(numpy.abs(peer.embed(texts, 16) - reference[:TEXTS]).max())
    # The peer at its best.
    size = min([8, 16, 32], key=lambda size: peer.seconds(texts, size))
    rounds = {"batch": [], "query": []}
    for _ in range(ROUNDS):
        rounds["batch"].append([ours.ask(texts)["seconds"], peer.seconds(texts, size)])
        # One after another, so that neither's threads still look for work while the other computes.
        time.sleep(0.2)
        mine = middle([ours.ask([query])["seconds"] for query in queries])
        time.sleep(0.2)
        rounds["query"].append([mine, middle([peer.seconds([query], 1) for query in queries])])
        time.sleep(0.2)
    tokens = sum(len(encoding.ids) for encoding in tokenizer.encode_batch(texts))
    found = {"texts": TEXTS, "tokens": tokens, "size": size, "max_abs_diff": difference, "peer_max_abs_diff": peer_difference}
    print(json.dumps(found | rounds))


main(*sys.argv[1:])
