"""What a user writes, with what a type checker must see: `# revealed: T` and `# error: [rule]` at the lines."""

from typing import Annotated, reveal_type

import torch
from torch import Tensor, nn

from namedtorch import Dims, Float, Int64, checked, load, lower, parse_shape


@checked
def normalize(
    images: Float[Tensor, "N C H W"], mean: Annotated[Tensor, Dims("C")]
) -> Float[Tensor, "N C H W"]:
    reveal_type(images)  # revealed: Tensor
    reveal_type(mean)  # revealed: Tensor
    return images - mean[:, None, None]


@checked
class Classifier(nn.Module):
    def __init__(self, classes: int):
        super().__init__()
        self.classes = classes

    def forward(self, image: Float[Tensor, "N C=3 H W where H >= 32"]) -> Float[Tensor, "N self.classes"]:
        reveal_type(image)  # revealed: Tensor
        return image.mean(dim=(1, 2, 3))[:, None].expand(-1, self.classes)


@checked(enabled=False)
def labels(count: int, first: Int64[Tensor, "N"] | None = None) -> list[Int64[Tensor, "N"]]:
    reveal_type(first)  # revealed: Tensor | None
    return [torch.zeros(count, dtype=torch.int64)]


images = torch.rand(8, 3, 32, 32)

reveal_type(normalize)  # revealed: (images: Tensor, mean: Tensor) -> Tensor
reveal_type(labels)  # revealed: (count: int, first: Tensor | None = None) -> list[Tensor]
reveal_type(labels(8))  # revealed: list[Tensor]
reveal_type(Classifier)  # revealed: type[Classifier]
reveal_type(Classifier(10))  # revealed: Classifier
reveal_type(Classifier(10).forward(images))  # revealed: Tensor

normalize(images, "mean")  # error: [reportArgumentType]
normalize(images)  # error: [reportCallIssue]
Classifier("ten")  # error: [reportArgumentType]
Classifier(10).forward([[0.5]])  # error: [reportArgumentType]

lowered = lower(Classifier(10))
reveal_type(lowered)  # revealed: Lowered
reveal_type(lowered.code)  # revealed: str
lowered.save("classifier.pt")
lower(Classifier(10), guards="sometimes")  # error: [reportArgumentType]

model = load("classifier.pt")
reveal_type(model)  # revealed: LoadedModel
reveal_type(model.signature)  # revealed: Signature

reveal_type(parse_shape("N C"))  # revealed: Shape
parse_shape(3)  # error: [reportArgumentType]
