"""Perceptual hashes and quality measures of whole batches of equally sized pictures.

reduction   luma, and resizing as Pillow does it
perceptual  64-bit and 256-bit pHash
near        pairs of hashes within some bits
quality     brightness, contrast, sharpness, entropy, and flags
"""

from curate.hashing.near import hash_pairs
from curate.hashing.perceptual import detailed_hashes, hash_hex, perceptual_hashes
from curate.hashing.quality import QUALITY_FLAGS, Quality, flag_quality, measure_quality
from curate.hashing.reduction import to_gray

__all__ = [
    "QUALITY_FLAGS",
    "Quality",
    "detailed_hashes",
    "flag_quality",
    "hash_hex",
    "hash_pairs",
    "measure_quality",
    "perceptual_hashes",
    "to_gray",
]
