"""The forwards of torch's transformer encoders without their fast paths, which read weights past the layers."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.transformer import _detect_is_causal_mask, _get_seq_len

from namedtorch.lower.mending.module_classes import become, subclass


def has_fast_path(module: nn.Module) -> bool:
    """Whether the forward of a module is torch's of a transformer encoder, or of a layer of one."""
    return _slow(module) is not None


def without_fast_path(module: nn.Module) -> None:
    """Gives a module that has a fast path torch's forward without it; what a subclass has written itself stays."""
    slow = _slow(module)
    if slow is not None:
        # The forward is to be translated and mended like a user's, which torch's own code is not.
        become(module, subclass(type(module), {"forward": slow.forward, "__module__": __name__}))


def _slow(module: nn.Module) -> type[nn.Module] | None:
    for owner, slow in ((nn.TransformerEncoderLayer, _EncoderLayer), (nn.TransformerEncoder, _Encoder)):
        if isinstance(module, owner) and type(module).forward is owner.forward:
            return slow
    return None


class _EncoderLayer(nn.TransformerEncoderLayer):
    """Where the forward of a layer is written; there are no modules of it."""

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """The sequence, attended to by itself and fed forward."""
        src_key_padding_mask = F._canonical_mask(
            mask=src_key_padding_mask,
            mask_name="src_key_padding_mask",
            other_type=F._none_or_dtype(src_mask),
            other_name="src_mask",
            target_type=src.dtype,
        )
        src_mask = F._canonical_mask(
            mask=src_mask,
            mask_name="src_mask",
            other_type=None,
            other_name="",
            target_type=src.dtype,
            check_other=False,
        )
        x = src
        if self.norm_first:
            x = x + self._sa_block(self.norm1(x), src_mask, src_key_padding_mask, is_causal=is_causal)
            x = x + self._ff_block(self.norm2(x))
        else:
            x = self.norm1(x + self._sa_block(x, src_mask, src_key_padding_mask, is_causal=is_causal))
            x = self.norm2(x + self._ff_block(x))
        return x


class _Encoder(nn.TransformerEncoder):
    """Where the forward of a stack of layers is written; there are no modules of it."""

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        """The sequence behind all layers; zeros in the steps that torch's nested tensors leave out when it infers."""
        src_key_padding_mask = F._canonical_mask(
            mask=src_key_padding_mask,
            mask_name="src_key_padding_mask",
            other_type=F._none_or_dtype(mask),
            other_name="mask",
            target_type=src.dtype,
        )
        mask = F._canonical_mask(
            mask=mask,
            mask_name="mask",
            other_type=None,
            other_name="",
            target_type=src.dtype,
            check_other=False,
        )
        output = src
        # pyright does not know what a ModuleList holds.
        batch_first = self.layers[0].self_attn.batch_first  # pyright: ignore[reportAttributeAccessIssue]
        seq_len = _get_seq_len(src, batch_first)  # pyright: ignore[reportArgumentType]
        causal = _detect_is_causal_mask(mask, is_causal, seq_len)
        for layer in self.layers:
            output = layer(output, src_mask=mask, is_causal=causal, src_key_padding_mask=src_key_padding_mask)
        infers = self.use_nested_tensor and not self.training and src.dim() == 3 and mask is None
        if infers and src_key_padding_mask is not None:
            kept = src_key_padding_mask.logical_not()
            # pyright knows no private operators.
            if not self.mask_check or torch._nested_tensor_from_mask_left_aligned(src, kept):  # pyright: ignore[reportPrivateImportUsage]
                output = output.masked_fill(kept.logical_not().unsqueeze(-1), 0.0)
        if self.norm is not None:
            output = self.norm(output)
        return output
