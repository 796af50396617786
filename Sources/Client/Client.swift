public import Primitives
