"""MobileNetV3 in the widths of the paper."""

import pytest
import torch

from tests.models.mobilenet_v3 import LARGE, SMALL, MobileNetV3, Row

# Rows, features before the classes, parameters with 1000 classes, millions of the paper's tables 3 and 4.
PARAMETERS = [
    (LARGE, 1280, 5_483_032, 5.4),
    (SMALL, 1024, 2_542_856, 2.5),
]


@pytest.mark.parametrize(("rows", "hidden", "count", "millions"), PARAMETERS)
def test_has_the_parameters_of_the_paper(
    rows: tuple[Row, ...], hidden: int, count: int, millions: float
) -> None:
    with torch.device("meta"):
        model = MobileNetV3(rows, hidden)
    found = sum(one.numel() for one in model.parameters())
    assert found == count
    assert abs(found / 1e6 - millions) < 0.1
