// OpenSSL's low-level SHA-256, which uses the processor's SHA instructions where it has them. The one-shot and EVP
// interfaces of OpenSSL 3 look the algorithm up on every call and cost two to four times as much for short messages.
// The EVP interface is here for PBKDF2, and for the tests, which hold libsodium's verdicts against OpenSSL's; X.509 for those of
// node certificates.
#ifndef TRELLIS_OPENSSL_SHIM_H
#define TRELLIS_OPENSSL_SHIM_H
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <string.h>

// The digest of a message that has already been padded to `blocks` 64-byte blocks (FIPS 180-4 §5.1.1). It spares the
// copies and the branches of SHA256_Final, a fifth of the time for the two-block messages of trees.
static inline void trellis_sha256_padded(const uint8_t *message, size_t blocks, uint8_t *digest) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, message, 64 * blocks);
    for (int i = 0; i < 8; i++) {
        uint32_t word = __builtin_bswap32(context.h[i]);
        memcpy(digest + 4 * i, &word, 4);
    }
}

static inline void trellis_sha256(const uint8_t *message, size_t length, uint8_t *digest) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, message, length);
    SHA256_Final(digest, &context);
}
#endif
