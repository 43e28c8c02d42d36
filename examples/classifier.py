"""The shortest whole way: annotate, lower, save, load. Also a target for the command line:

namedtorch lower classifier:Classifier -o classifier.pt --arg classes=10
"""

import tempfile
from pathlib import Path

import torch
from torch import Tensor, nn

from namedtorch import DimError, Float, checked, load, lower


@checked
class Classifier(nn.Module):
    def __init__(self, classes: int):
        super().__init__()
        self.classes = classes
        self.features = nn.Conv2d(3, 16, kernel_size=3, stride=2)
        self.head = nn.Linear(16, classes)

    def forward(
        self, image: Float[Tensor, "N C=3 H W where H >= 32, W >= 32"]
    ) -> Float[Tensor, "N self.classes"]:
        return self.head(self.features(image).relu().mean([2, 3]))


def main() -> None:
    images = torch.rand(8, 3, 224, 224)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "classifier.pt"
        lower(Classifier(10)).save(path)
        model = load(path)
        print(model.signature)
        print(tuple(model(image=images).shape))
        try:
            model(image=images.permute(0, 2, 3, 1))
        except DimError as error:
            print(error)


if __name__ == "__main__":
    main()
