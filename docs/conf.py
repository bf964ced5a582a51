"""Configuration of Sphinx."""

import sys
from pathlib import Path

import lawnix

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "lawnix"
author = "the lawnix authors"
copyright = "the lawnix authors"
release = lawnix.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "lawnix_reference"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "lawnix"

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
napoleon_numpy_docstring = False
