from law.sandbox import base as base
