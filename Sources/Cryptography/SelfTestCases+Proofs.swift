import Primitives

/// The known proofs of ``SelfTest``.
extension SelfTestCases {
    /// RFC 9381 Appendix B.3 example 18, and every way known to make a proof that some verifier takes and the strict rule
    /// refuses.
    static let proofs: [KnownProof] = [
        KnownProof(
            name: "RFC 9381 example 18",
            key: fixed("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
            alpha: bytes("af82"),
            proof: fixed(
                "06eecb68db258fdd7161d2ca4a85fa59eef631fd60ee546c4cf53b03541a4416"
                + "ab41be1cc4c3aa0877c2d5c856b4f606f0d7d478818d305c499e60e37b8d9644"
                + "a58c7b677bff66ed1562b79e3f688204"),
            output: fixed(
                "9df8bd916435e1a2ec0185aa3fe11396f9cfcb6966d72bc50a24beaa6e2cc40f"
                + "b91dc7f5959874a3d6165be18f675f783525d8c32e6488456152d5f9bfc15b46")),
        KnownProof(
            name: "wrong alpha",
            key: fixed("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
            alpha: bytes("af83"),
            proof: fixed(
                "06eecb68db258fdd7161d2ca4a85fa59eef631fd60ee546c4cf53b03541a4416"
                + "ab41be1cc4c3aa0877c2d5c856b4f606f0d7d478818d305c499e60e37b8d9644"
                + "a58c7b677bff66ed1562b79e3f688204"),
            output: nil),
        KnownProof(
            name: "bit flipped in Gamma",
            key: fixed("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
            alpha: bytes("af82"),
            proof: fixed(
                "07eecb68db258fdd7161d2ca4a85fa59eef631fd60ee546c4cf53b03541a4416"
                + "ab41be1cc4c3aa0877c2d5c856b4f606f0d7d478818d305c499e60e37b8d9644"
                + "a58c7b677bff66ed1562b79e3f688204"),
            output: nil),
        KnownProof(
            name: "bit flipped in c",
            key: fixed("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
            alpha: bytes("af82"),
            proof: fixed(
                "06eecb68db258fdd7161d2ca4a85fa59eef631fd60ee546c4cf53b03541a4416"
                + "aa41be1cc4c3aa0877c2d5c856b4f606f0d7d478818d305c499e60e37b8d9644"
                + "a58c7b677bff66ed1562b79e3f688204"),
            output: nil),
        KnownProof(
            name: "bit flipped in s",
            key: fixed("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
            alpha: bytes("af82"),
            proof: fixed(
                "06eecb68db258fdd7161d2ca4a85fa59eef631fd60ee546c4cf53b03541a4416"
                + "ab41be1cc4c3aa0877c2d5c856b4f606f1d7d478818d305c499e60e37b8d9644"
                + "a58c7b677bff66ed1562b79e3f688204"),
            output: nil),
        KnownProof(
            name: "s + L (non-canonical s)",
            key: fixed("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
            alpha: bytes("af82"),
            proof: fixed(
                "06eecb68db258fdd7161d2ca4a85fa59eef631fd60ee546c4cf53b03541a4416"
                + "ab41be1cc4c3aa0877c2d5c856b4f606ddabcad59bf042b41f3b58865a877559"
                + "a58c7b677bff66ed1562b79e3f688214"),
            output: nil),
        KnownProof(
            name: "pk = identity",
            key: fixed("0100000000000000000000000000000000000000000000000000000000000000"),
            alpha: bytes("af82"),
            proof: fixed(
                "06eecb68db258fdd7161d2ca4a85fa59eef631fd60ee546c4cf53b03541a4416"
                + "ab41be1cc4c3aa0877c2d5c856b4f606f0d7d478818d305c499e60e37b8d9644"
                + "a58c7b677bff66ed1562b79e3f688204"),
            output: nil),
        KnownProof(
            name: "pk = order-2 point",
            key: fixed("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
            alpha: bytes("af82"),
            proof: fixed(
                "06eecb68db258fdd7161d2ca4a85fa59eef631fd60ee546c4cf53b03541a4416"
                + "ab41be1cc4c3aa0877c2d5c856b4f606f0d7d478818d305c499e60e37b8d9644"
                + "a58c7b677bff66ed1562b79e3f688204"),
            output: nil),
        KnownProof(
            name: "pk = order-8 point",
            key: fixed("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
            alpha: bytes("af82"),
            proof: fixed(
                "06eecb68db258fdd7161d2ca4a85fa59eef631fd60ee546c4cf53b03541a4416"
                + "ab41be1cc4c3aa0877c2d5c856b4f606f0d7d478818d305c499e60e37b8d9644"
                + "a58c7b677bff66ed1562b79e3f688204"),
            output: nil),
        KnownProof(
            name: "pk = all zero bytes (order 4)",
            key: fixed("0000000000000000000000000000000000000000000000000000000000000000"),
            alpha: bytes("af82"),
            proof: fixed(
                "06eecb68db258fdd7161d2ca4a85fa59eef631fd60ee546c4cf53b03541a4416"
                + "ab41be1cc4c3aa0877c2d5c856b4f606f0d7d478818d305c499e60e37b8d9644"
                + "a58c7b677bff66ed1562b79e3f688204"),
            output: nil),
        KnownProof(
            name: "pk non-canonical y = p+1",
            key: fixed("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
            alpha: bytes("af82"),
            proof: fixed(
                "06eecb68db258fdd7161d2ca4a85fa59eef631fd60ee546c4cf53b03541a4416"
                + "ab41be1cc4c3aa0877c2d5c856b4f606f0d7d478818d305c499e60e37b8d9644"
                + "a58c7b677bff66ed1562b79e3f688204"),
            output: nil),
        KnownProof(
            name: "Gamma = identity",
            key: fixed("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
            alpha: bytes("af82"),
            proof: fixed(
                "0100000000000000000000000000000000000000000000000000000000000000"
                + "ab41be1cc4c3aa0877c2d5c856b4f606f0d7d478818d305c499e60e37b8d9644"
                + "a58c7b677bff66ed1562b79e3f688204"),
            output: nil),
        KnownProof(
            name: "Gamma + order-8 point, c = 0 mod 8 (made by the key holder)",
            key: fixed("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
            alpha: bytes("af82"),
            proof: fixed(
                "92d30d033e65e01dba69df23454203911f7dea23e64c74c03616813428046395"
                + "7844fd849c7e358d7661490416d8cb7b87381bbb5edc01c05e171bd2ab10909d"
                + "caa6f58dc6d3e2e360c990704693df0e"),
            output: nil),
        KnownProof(
            name: "Gamma + order-2 point, c = 0 mod 2 (made by the key holder)",
            key: fixed("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
            alpha: bytes("af82"),
            proof: fixed(
                "e711349724da70228e9e2d35b57a05a61109ce029f11ab93b30ac4fcabe5bbe9"
                + "ca9eac4b4670277d15fb7a8dffe7fc1eb623fcf5383437b22ccdbc88e87d5f50"
                + "783de7af2717daa90a9a9d0daafa510a"),
            output: nil),
        KnownProof(
            name: "pk with an order-2 component",
            key: fixed("16a567fe7d4ef5482ab4012c369bf8c5f11e8d0c2559dcda50fde59708f8aee5"),
            alpha: bytes("af82"),
            proof: fixed(
                "c0f26f5535c0c92520528bc4c321c4e39d76294868916fe062784b359bdae487"
                + "e09acc9c8a378a4898509cb8df144055753cc015d741a8241b53ee7a79143f75"
                + "fc6bbf6f5442513a0da51ed343e48a07"),
            output: nil),
    ]
}
