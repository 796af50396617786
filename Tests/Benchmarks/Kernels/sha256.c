// SHA-256 (FIPS 180-4) of one mebibyte, `rounds` times: long stretches of 32-bit arithmetic and rotations.
typedef unsigned int u32;
typedef unsigned long long u64;
enum { length = 1 << 20 };
static unsigned char message[length + 64];

// The first 32 bits behind the point of the cube roots of the first 64 primes, and of the square roots of the first eight.
static const u32 constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const u32 start[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static inline u32 rotate(u32 value, int by) { return value >> by | value << (32 - by); }

static void compress(u32 *state, const unsigned char *block) {
    u32 schedule[64];
    for (int t = 0; t < 16; t++)
        schedule[t] = (u32)block[4 * t] << 24 | (u32)block[4 * t + 1] << 16 | (u32)block[4 * t + 2] << 8 | block[4 * t + 3];
    for (int t = 16; t < 64; t++) {
        u32 early = schedule[t - 15], late = schedule[t - 2];
        schedule[t] = schedule[t - 16] + schedule[t - 7] + (rotate(early, 7) ^ rotate(early, 18) ^ early >> 3) +
                      (rotate(late, 17) ^ rotate(late, 19) ^ late >> 10);
    }
    u32 a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
    for (int t = 0; t < 64; t++) {
        u32 first = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + constants[t] + schedule[t];
        u32 second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

// Returns the first word of the digest of bytes i * 31 + 7.
__attribute__((export_name("run"))) unsigned run(unsigned rounds) {
    u32 state[8] = {0};
    for (u32 i = 0; i < length; i++) message[i] = (unsigned char)(i * 31 + 7);
    for (u32 i = length; i < length + 64; i++) message[i] = 0;
    message[length] = 0x80;
    for (int i = 0; i < 8; i++) message[length + 63 - i] = (unsigned char)((u64)length * 8 >> (8 * i));
    while (rounds--) {
        for (int i = 0; i < 8; i++) state[i] = start[i];
        for (u32 at = 0; at < length + 64; at += 64) compress(state, message + at);
    }
    return state[0];
}
