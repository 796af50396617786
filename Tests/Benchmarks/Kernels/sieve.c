// Eratosthenes' sieve over a million bytes of linear memory, `rounds` times: short loops of loads, stores and comparisons.
enum { limit = 1000000 };
static unsigned char prime[limit];

__attribute__((export_name("run"))) unsigned run(unsigned rounds) {
    unsigned count = 0;
    while (rounds--) {
        for (unsigned number = 0; number < limit; number++) prime[number] = 1;
        for (unsigned factor = 2; factor * factor < limit; factor++)
            if (prime[factor])
                for (unsigned multiple = factor * factor; multiple < limit; multiple += factor) prime[multiple] = 0;
        count = 0;
        for (unsigned number = 2; number < limit; number++) count += prime[number];
    }
    return count;
}
