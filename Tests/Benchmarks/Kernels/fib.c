// Doubly recursive Fibonacci numbers: nothing but calls, a comparison and an addition.
__attribute__((noinline)) static unsigned fibonacci(unsigned index) {
    if (index < 2) return index;
    return fibonacci(index - 1) + fibonacci(index - 2);
}

__attribute__((export_name("run"))) unsigned run(unsigned index) { return fibonacci(index); }
