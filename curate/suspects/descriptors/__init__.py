"""What a classical model sees of a face: edges, shapes, texture and patches, each reduced to its main components.

Every descriptor knows how its numbers are rearranged when the picture is mirrored, so that nothing is computed twice.

descriptor   what every one of them offers
gradients    what edges and shapes are made of
hog          edges
lbp          texture
sift_codes   shapes that are learned from the pictures
codebook     learns the atoms of shapes and patches
patch_codes  patches, learned in the same way
pca          reduces descriptors to their main components
"""

from curate.suspects.descriptors.descriptor import Descriptor
from curate.suspects.descriptors.hog import describe_edges
from curate.suspects.descriptors.lbp import describe_texture
from curate.suspects.descriptors.patch_codes import describe_patches
from curate.suspects.descriptors.pca import Reduced, Reduction, fit_reduction
from curate.suspects.descriptors.sift_codes import describe_shapes

__all__ = [
    "Descriptor",
    "Reduced",
    "Reduction",
    "describe_edges",
    "describe_patches",
    "describe_shapes",
    "describe_texture",
    "fit_reduction",
]
