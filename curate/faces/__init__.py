"""Generated faces: parametric drawings of seven emotions, the fixture of the demo and of all tests.

No picture of a real person is involved. `make_face` gives the looks of a numbered person, `draw_face` a picture of
that person showing an emotion. Every picture follows from the integers given; there is no global random state.

looks       what makes a person: proportions, skin, hair, light
expression  what an emotion does to a face
features    eyes, brows, nose and mouth
hair        hair and beards
drawing     a picture of all of it
"""

from curate.faces.drawing import draw_face
from curate.faces.looks import Face, make_face

__all__ = ["Face", "draw_face", "make_face"]
