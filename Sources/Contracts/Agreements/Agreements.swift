/// Agreements on a service between a consumer and its providers.
public enum Agreements {}
