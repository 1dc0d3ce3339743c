"""Times a training step of the same models in PyTorch eager, to set `moderato bench train` against.

Needs torch. Each model has the sizes, the parameters and the operations of the bundle that Moderato times; attention is
scaled_dot_product_attention and normalisation nn.LayerNorm or nn.BatchNorm2d, as a PyTorch user would write them. A step is forward,
symmetric InfoNCE, backward and AdamW, in float32.

    python reference.py demo --batch 32 --steps 20
    python reference.py vit-b-32 --tower image --batch 16 --steps 5
"""

import argparse
import json
import math
import time

import torch
from torch import nn
from torch.nn import functional as F

WARM_UP = 3


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x, causal):
        batch, length, width = x.shape
        parts = self.qkv(x).view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_causal=causal)
        return self.out(mixed.transpose(1, 2).reshape(batch, length, width))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, causal):
        x = x + self.attention(self.norm1(x), causal)
        hidden = self.widen(self.norm2(x))
        return x + self.narrow(hidden * torch.sigmoid(1.702 * hidden))


class VisionTransformer(nn.Module):
    def __init__(self, side, patch, width, layers, heads, embedding):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch, bias=False)
        self.first = nn.Parameter(torch.randn(1, 1, width) * width**-0.5)
        self.positions = nn.Parameter(torch.randn((side // patch) ** 2 + 1, width) * width**-0.5)
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.projection = nn.Linear(width, embedding, bias=False)

    def forward(self, pixels):
        x = self.patches(pixels).flatten(2).transpose(1, 2)
        x = self.before(torch.cat([self.first.expand(x.shape[0], -1, -1), x], dim=1) + self.positions)
        for block in self.blocks:
            x = block(x, False)
        return self.projection(self.after(x[:, 0]))


class Residual(nn.Module):
    def __init__(self, into, width, stride):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(into, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))
        same = into == width and stride == 1
        self.shortcut = nn.Identity() if same else nn.Sequential(
            nn.Conv2d(into, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        return F.relu(self.main(x) + self.shortcut(x))


class ConvNet(nn.Module):
    def __init__(self, stem, stride, widths, embedding):
        super().__init__()
        layers = [nn.Conv2d(3, stem, 3, stride, 1, bias=False), nn.BatchNorm2d(stem), nn.ReLU()]
        for width in widths:
            layers.append(Residual(stem, width, 2))
            stem = width
        self.layers = nn.Sequential(*layers)
        self.projection = nn.Linear(stem, embedding, bias=False)

    def forward(self, pixels):
        return self.projection(self.layers(pixels.contiguous(memory_format=torch.channels_last)).mean((2, 3)))


class TextTransformer(nn.Module):
    def __init__(self, vocabulary, context, width, layers, heads, embedding):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Parameter(torch.randn(context, width) * 0.01)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.projection = nn.Linear(width, embedding, bias=False)

    def forward(self, ids):
        x = self.tokens(ids) + self.positions[: ids.shape[1]]
        for block in self.blocks:
            x = block(x, True)
        return self.projection(self.norm(x)[torch.arange(len(ids)), ids.argmax(1)])


def models(name, vocabulary):
    """The towers, the side of an image, and the length of a text."""
    if name == "demo":
        image = ConvNet(32, 2, [64, 128, 256], 128)
        for module in image.modules():  # its statistics are part of what was learned: fine-tuning leaves them alone
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return image, TextTransformer(vocabulary or 768, 32, 128, 2, 4, 128), 64, 32
    return (VisionTransformer(224, 32, 768, 12, 12, 512),
            TextTransformer(vocabulary or 49408, 77, 512, 12, 8, 512), 224, 77)


def peak_mebibytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM:"))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model", choices=["demo", "vit-b-32"])
    options.add_argument("--tower", choices=["both", "image"], default="both", help="with image, the text tower runs forward alone")
    options.add_argument("--batch", type=int, default=32)
    options.add_argument("--steps", type=int, default=20)
    options.add_argument("--threads", type=int, default=0, help="0 leaves PyTorch its own choice")
    options.add_argument("--vocabulary", type=int, default=0, help="rows of the token embedding; 0 is the architecture's")
    options.add_argument("--fused", action="store_true", help="AdamW's fused kernel rather than the default")
    chosen = options.parse_args()
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    torch.manual_seed(1)
    image, text, side, length = models(chosen.model, chosen.vocabulary)
    trained = list(image.parameters())
    if chosen.tower == "both":
        trained += text.parameters()
    else:
        text.requires_grad_(False)
    optimizer = torch.optim.AdamW(
        trained, lr=1e-5, betas=(0.9, 0.98), eps=1e-6, weight_decay=0, fused=True if chosen.fused else None)
    pixels = torch.randint(0, 256, (chosen.batch, side, side, 3), dtype=torch.uint8)
    ids = torch.randint(1, 201, (chosen.batch, length))
    target = torch.arange(chosen.batch)
    mean = torch.tensor([0.48, 0.46, 0.41]).view(1, 3, 1, 1)
    std = torch.tensor([0.27, 0.26, 0.28]).view(1, 3, 1, 1)
    millis = []
    for step in range(WARM_UP + chosen.steps):
        start = time.perf_counter()
        optimizer.zero_grad()
        normalized = (pixels.permute(0, 3, 1, 2).float() / 255 - mean) / std
        images = F.normalize(image(normalized), dim=1)
        texts = F.normalize(text(ids), dim=1)
        logits = images @ texts.T / 0.07
        loss = (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
        loss.backward()
        optimizer.step()
        if not math.isfinite(loss.item()):
            raise SystemExit("the loss is no finite number")
        if step >= WARM_UP:
            millis.append((time.perf_counter() - start) * 1000)
    millis.sort()
    print(json.dumps({
        "torch": torch.__version__, "model": chosen.model, "towers": chosen.tower, "batch": chosen.batch,
        "steps": chosen.steps, "trainedNumbers": sum(p.numel() for p in trained),
        "medianMs": millis[len(millis) // 2], "peakMebibytes": peak_mebibytes()}))


main()
