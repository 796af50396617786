public import Primitives

/// One step of the randomness beacon: the proposer of a height proves its VRF on the beacon below it.
///
/// `alpha = "beacon/1" || chainID || le64(height) || beacon(height − 1)` and
/// `beacon(height) = SHA-256(beacon(height − 1) || beta)`. View, time and transactions are left out because a proposer can
/// choose among them; what remains is the choice between publishing a value and losing the view.
public enum BeaconStep {
    /// The VRF input of `height`.
    public static func alpha(chainID: ChainID, height: Height, previous: Beacon) -> [UInt8] {
        var encoder = BCSEncoder(reserving: 80)
        encoder.append(Array("beacon/1".utf8))
        chainID.encode(into: &encoder)
        height.encode(into: &encoder)
        previous.encode(into: &encoder)
        return encoder.bytes
    }

    /// The proposer's side: proof and new beacon.
    public static func prove(
        with key: VRFKey, chainID: ChainID, height: Height, previous: Beacon
    ) -> (proof: VRFProof, beacon: Beacon) {
        let proof = key.prove(alpha: alpha(chainID: chainID, height: height, previous: previous))
        guard let output = ECVRF.claimedOutput(of: proof) else { preconditionFailure("an own proof has no output") }
        return (proof, next(after: previous, output))
    }

    /// Everyone else's side: the beacon that a valid proof leads to, or nil.
    public static func verify(
        _ proof: VRFProof, by key: VRFPublicKey, chainID: ChainID, height: Height, previous: Beacon
    ) -> Beacon? {
        let alpha = alpha(chainID: chainID, height: height, previous: previous)
        return ECVRF.verify(proof, alpha: alpha, by: key).map { next(after: previous, $0) }
    }

    /// `SHA-256(previous || output)`.
    static func next(after previous: Beacon, _ output: VRFOutput) -> Beacon {
        Beacon(SHA256.hash(previous.bytes + output.bytes).bytes)!
    }
}
