// OpenSSL's low-level SHA-256, which uses the processor's SHA instructions where it has them. The one-shot and EVP
// interfaces of OpenSSL 3 look the algorithm up on every call and cost two to four times as much for short messages.
// The EVP interface is here for PBKDF2, and for the tests, which hold libsodium's verdicts against OpenSSL's, and, with X.509,
// node certificates.
// Signatures of certificates' keys are decided by the arithmetic below and not by a verifier of the library: what is accepted is
// then a matter of numbers, the same for every version and every distribution.
#ifndef TRELLIS_OPENSSL_SHIM_H
#define TRELLIS_OPENSSL_SHIM_H
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
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

static inline void trellis_sha384(const uint8_t *message, size_t length, uint8_t *digest) {
    SHA512_CTX context;
    SHA384_Init(&context);
    SHA384_Update(&context, message, length);
    SHA384_Final(digest, &context);
}

static inline void trellis_sha512(const uint8_t *message, size_t length, uint8_t *digest) {
    SHA512_CTX context;
    SHA512_Init(&context);
    SHA512_Update(&context, message, length);
    SHA512_Final(digest, &context);
}

// A group is only read after it was made, therefore threads may share it.
static inline EC_GROUP *trellis_curve_p256(void) { return EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1); }
static inline EC_GROUP *trellis_curve_p384(void) { return EC_GROUP_new_by_curve_name(NID_secp384r1); }

// Whether 04 || x || y is a point of the curve: x and y below the field's prime, and the equation holds. The curves have prime
// order, so every point but infinity, which has no such encoding, is a key. -1 when memory ran out.
static inline int trellis_ec_point_valid(const EC_GROUP *curve, const uint8_t *point, size_t length) {
    EC_POINT *key = EC_POINT_new(curve);
    if (!key) return -1;
    int valid = EC_POINT_oct2point(curve, key, point, length, NULL);
    EC_POINT_free(key);
    return valid == 1;
}

// ECDSA verification, FIPS 186-5 section 6.4.2, with r and s of `size` bytes each, `size` being that of the order. 1 when the
// signature holds, 0 when not, -1 when the library failed, as without memory. That u1·G + u2·Q may be infinity is a case of its own:
// whoever knows the key can make it so, and the library's verifier calls it a failure.
static inline int trellis_ecdsa_verify(
    const EC_GROUP *curve, const uint8_t *point, size_t pointLength, const uint8_t *digest, size_t digestLength,
    const uint8_t *signature, size_t size
) {
    int result = -1;
    const BIGNUM *order = EC_GROUP_get0_order(curve);
    EC_POINT *key = EC_POINT_new(curve), *sum = EC_POINT_new(curve);
    BN_CTX *context = BN_CTX_new();
    if (!key || !sum || !context) goto freed;
    BN_CTX_start(context);
    BIGNUM *r = BN_CTX_get(context), *s = BN_CTX_get(context), *e = BN_CTX_get(context), *x = BN_CTX_get(context);
    if (!x) goto ended;
    if (!BN_bin2bn(signature, (int)size, r) || !BN_bin2bn(signature + size, (int)size, s)
        || !BN_bin2bn(digest, (int)(digestLength < size ? digestLength : size), e)) goto ended;
    result = 0;
    if (BN_is_zero(r) || BN_is_zero(s) || BN_cmp(r, order) >= 0 || BN_cmp(s, order) >= 0) goto ended;
    if (EC_POINT_oct2point(curve, key, point, pointLength, context) != 1) goto ended;
    result = -1;
    // s becomes its inverse, e becomes u1, x becomes u2.
    if (!BN_mod_inverse(s, s, order, context) || !BN_mod_mul(e, e, s, order, context) || !BN_mod_mul(x, r, s, order, context)
        || !EC_POINT_mul(curve, sum, e, key, x, context)) goto ended;
    if (EC_POINT_is_at_infinity(curve, sum)) { result = 0; goto ended; }
    if (!EC_POINT_get_affine_coordinates(curve, sum, x, NULL, context) || !BN_nnmod(x, x, order, context)) goto ended;
    result = BN_cmp(x, r) == 0;
ended:
    BN_CTX_end(context);
freed:
    BN_CTX_free(context);
    EC_POINT_free(sum);
    EC_POINT_free(key);
    return result;
}

// RSAVP1 and I2OSP of RFC 8017: signature^65537 mod modulus, in `length` bytes. 1, or 0 when the signature is not below the modulus,
// or -1 when the library failed. The modulus is odd.
static inline int trellis_rsa_open(const uint8_t *modulus, size_t length, const uint8_t *signature, uint8_t *message) {
    int result = -1;
    BN_CTX *context = BN_CTX_new();
    if (!context) return result;
    BN_CTX_start(context);
    BIGNUM *n = BN_CTX_get(context), *s = BN_CTX_get(context), *e = BN_CTX_get(context), *m = BN_CTX_get(context);
    if (!m || !BN_bin2bn(modulus, (int)length, n) || !BN_bin2bn(signature, (int)length, s) || !BN_set_word(e, 65537)) goto ended;
    result = 0;
    if (BN_cmp(s, n) >= 0) goto ended;
    result = BN_mod_exp_mont(m, s, e, n, context, NULL) && BN_bn2binpad(m, message, (int)length) == (int)length ? 1 : -1;
ended:
    BN_CTX_end(context);
    BN_CTX_free(context);
    return result;
}
#endif
