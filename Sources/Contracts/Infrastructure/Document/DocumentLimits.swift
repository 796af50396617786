/// How large a document and its parts may be.
public enum DocumentLimits {
    /// Levels of lists and maps in a value: what people write by hand has six or seven.
    public static let depthMax = 16
    /// Bytes of a value's encoding.
    public static let valueBytesMax = 16 * 1024
    /// Bytes of a key of a map.
    public static let keyBytesMax = 256
    /// Bytes of a number with decimals.
    public static let decimalBytesMax = 64
    /// Bytes of an object's name.
    public static let nameBytesMax = 200
    /// Objects of a document.
    public static let objectsMax = 1_024
    /// Bytes of all objects of a document: what one transaction can carry, with room for the rest of it.
    public static let documentBytesMax = 256 * 1024
}
