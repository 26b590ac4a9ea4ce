"""torchvision can be used beside whatever build of torch is installed."""

import subprocess
import sys

import torch

from inversion_core.vision import SCHEMAS, declared_operators, torchvision


def test_torchvision_imports_in_a_fresh_interpreter() -> None:
    program = "from inversion_core.vision import torchvision; print(torchvision().__name__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "torchvision", done.stderr


def test_a_residual_network_builds_and_answers() -> None:
    network = torchvision().models.resnet18(weights=None, num_classes=3).eval()
    assert network(torch.zeros(2, 3, 64, 64)).shape == (2, 3)


def test_every_operator_torchvision_expects_is_there() -> None:
    torchvision()
    assert all(hasattr(torch.ops.torchvision, name) for name in SCHEMAS)


def test_declaring_twice_is_harmless_and_answers_the_same() -> None:
    assert declared_operators() == declared_operators()
    assert set(declared_operators()) <= set(SCHEMAS)


def test_a_declared_operator_without_code_says_so_when_called() -> None:
    if not declared_operators():
        boxes = torch.tensor([[0.0, 0.0, 1.0, 1.0]])
        assert torch.ops.torchvision.nms(boxes, torch.ones(1), 0.5).tolist() == [0]
        return
    try:
        torch.ops.torchvision.nms(torch.zeros(1, 4), torch.ones(1), 0.5)
    except NotImplementedError as error:
        assert "torchvision::nms" in str(error)
    else:
        raise AssertionError("a bare schema answered")
