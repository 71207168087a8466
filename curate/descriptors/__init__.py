"""What a classical model sees of a face: edges, shapes, texture and patches, each reduced to its main components.

Every descriptor knows how its numbers are rearranged when the picture is mirrored, so that nothing is computed twice.
"""

from curate.descriptors.descriptor import Descriptor
from curate.descriptors.edges import describe_edges
from curate.descriptors.patches import describe_patches
from curate.descriptors.reduction import Reduced, Reduction, fit_reduction
from curate.descriptors.shapes import describe_shapes
from curate.descriptors.texture import describe_texture

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
