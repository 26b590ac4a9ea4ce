"""Template inversion: draw the face behind a stored embedding.

Mai, Cao, Yuen and Jain, "On the reconstruction of face images from deep face templates" (NbNet, IEEE TPAMI
2018). Departures are told in `decoder` and `decoding`; the paper's de-convolution and perceptual loss are not
used, and its attacker may generate training faces, ours takes public photos.
"""

from torch import Tensor

from inversion_core.attacks.decoding import DecoderAttack
from inversion_core.component import Component
from inversion_core.oracles import Oracle
from inversion_core.values import Access, Knowledge


class TemplateInversion(DecoderAttack):
    """Turn a stolen face template back into a face that opens other locks too.

    The attacker feeds photos of strangers to the same extractor, learns to draw each from its template, and
    applies that to the stored templates of the victims. What counts is whether another recogniser takes the
    drawn face for the person. Cost: a row for each public photo, and one for each victim to check the result.
    """

    name = "template-inversion"
    title = "Template inversion"
    reference = "Mai et al., IEEE TPAMI 2018, https://doi.org/10.1109/TPAMI.2018.2827389"
    needs = Access.TEMPLATES

    def incompatible(self, target: type[Component]) -> str | None:
        """Refuse targets without a layer that embeds."""
        if getattr(target, "embeds", False):
            return None
        return (
            f"{self.name} reads the layer before the last, {target.name!r} has none that makes templates; "
            "choose cnn, cnn-gn, mlp or resnet18"
        )

    def observed(self, knowledge: Knowledge) -> Tensor:
        """Return the stolen templates."""
        assert knowledge.templates is not None, "the trial prepares a template for each victim"
        return knowledge.templates

    def ask(self, oracle: Oracle, inputs: Tensor) -> Tensor:
        """(M, C, H, W) -> templates (M, F)."""
        return oracle.templates(inputs)

    def agreement(self, answers: Tensor, others: Tensor) -> Tensor:
        """Return the cosine of the angle between two templates, by which such systems match."""
        return (answers * others).sum(1)
