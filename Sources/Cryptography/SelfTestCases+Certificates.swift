import Primitives

extension SelfTestCases {
    /// One signature of each kind that OpenSSL's arithmetic decides, with SHA-256, and one of each that verifiers differ on: the sum
    /// at infinity was made with the private key of the RFC's example, r = −e/d.
    static let certificateSignatures: [KnownCertificateSignature] = [
        KnownCertificateSignature(
            name: "P-256, RFC 6979 A.2.5", isValid: true,
            key: .p256(bytes(
                "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc"
                    + "64f2f1b20c2d7e9f5177a3c294d4462299")),
            message: Array("sample".utf8),
            signature: bytes(
                "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65"
                    + "f3e900dbb9aff4064dc4ab2f843acda8")),
        KnownCertificateSignature(
            name: "P-256, sum at infinity", isValid: false,
            key: .p256(bytes(
                "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc"
                    + "64f2f1b20c2d7e9f5177a3c294d4462299")),
            message: Array("sample".utf8),
            signature: bytes(
                "28815b9a52dcc43d91fe0e07a91bb000f5f475306723ba5e6392aee8be90ee9c00000000000000000000000000000000"
                    + "00000000000000000000000000000007")),
        KnownCertificateSignature(
            name: "P-384, RFC 6979 A.2.6", isValid: true,
            key: .p384(bytes(
                "04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc"
                    + "138015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd25332647"
                    + "20")),
            message: Array("sample".utf8),
            signature: bytes(
                "21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33bde1e888e63355d92fa2b3c36d8fb2cd"
                    + "f3aa443fb107745bf4bd77cb3891674632068a10ca67e3d45db2266fa7d1feebefdc63eccd1ac42ec0cb8668a4fa0ab0")),
        KnownCertificateSignature(
            name: "RSA, Wycheproof", isValid: true, key: .rsa(modulus), message: bytes("0000000000000000000000000000000000000000"),
            signature: bytes(
                "8a1b220cb2ab415dc760eb7f5bb10335a3cca269d7dbbf7d0962ba79f9cf7b43a5fc09c99a1584f07403473d6c189a83"
                    + "6897a5b6f8ea9fa22d601e6ba5f7411fe27c638b81b1a22363583a80fce8c7df3e40fb51bd0e60d0a6653f79f3bcb7ec"
                    + "3e9dc14cfb5b31ab1735bca692d50ac03f979dda92747c6430f8045efa3513ba6e0ce3e9e35570e1c30c8ebe589b4419"
                    + "2e1344ca83dfa576fc6fdc7bf1cd7cee875b001c8c02ce8d602769e4bd9d241c4857182a0089a8b67644e73eef105c55"
                    + "0efa47a40874289395ac0c4e02fd4ba98e130a4c2d1b95521c6af4a002ac3bdc6e52122ae4c08cc3da1c896e059acbdd"
                    + "ec574ac0432f6103dd97273d8803c102")),
        KnownCertificateSignature(
            name: "RSA, DigestInfo without NULL", isValid: false, key: .rsa(modulus), message: bytes("313233343030"),
            signature: bytes(
                "095dad1fd82bcd36652a381b7f4dd656bd89b40aa58b56da4f6aa8247874b935e65d2b86752d537df7103884d39dd9ad"
                    + "3d65f87404526b09094c5615c6249979b0dc58d2199ae8696a5b76b4bb03eaf08c2ab6aec686c6b1b289c9b44f648bd3"
                    + "0cb1ac6a64a73d68e59cd05e7aa1b780f4bfd7b83dfe3b884ec11821a93dc5bbb47a00eea4557b6b96b5656276001f1f"
                    + "295ddbbbc511a99b9a665b9c2674c8af0d812286d0be3ce74817ba2cad283757de35dfb149f2835f60cb03ff155524a5"
                    + "7f78b148feceb84cd20b0ae22e3e48f433fbd9bfd60be8afec93165ee0310be961d3695f309d031320c830aa6ba08b5a"
                    + "51d943797097c57630be391bd23736cc")),
    ]

    /// Project Wycheproof, `rsa_signature_2048_sha256_test.json`.
    private static let modulus = bytes(
        "a2b451a07d0aa5f96e455671513550514a8a5b462ebef717094fa1fee82224e637f9746d3f7cafd31878d80325b6ef5a"
            + "1700f65903b469429e89d6eac8845097b5ab393189db92512ed8a7711a1253facd20f79c15e8247f3d3e42e46e48c98e"
            + "254a2fe9765313a03eff8f17e1a029397a1fa26a8dce26f490ed81299615d9814c22da610428e09c7d9658594266f5c0"
            + "21d0fceca08d945a12be82de4d1ece6b4c03145b5d3495d4ed5411eb878daf05fd7afc3e09ada0f1126422f590975a19"
            + "69816f48698bcbba1b4d9cae79d460d8f9f85e7975005d9bc22c4e5ac0f7c1a45d12569a62807d3b9a02e5a530e77306"
            + "6f453d1f5b4c2e9cf7820283f742b9d5")
}
