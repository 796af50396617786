import Primitives
enum Placeholder {}
