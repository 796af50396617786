import Foundation

/// Certificates of other kinds than a node's, with their keys, made by OpenSSL for these tests and used nowhere else. DER in
/// base 64.
enum ForeignCertificate: CaseIterable {
    case p256, rsa, ed25519

    var certificate: [UInt8] { Self.decode(texts.certificate) }
    var key: [UInt8] { Self.decode(texts.key) }

    private static func decode(_ text: String) -> [UInt8] { Array(Data(base64Encoded: text)!) }

    private var texts: (certificate: String, key: String) {
        switch self {
        case .p256: ("""
        MIIBdTCCARugAwIBAgIUZvSu0jD6RYiz5s4M0roPTIWPVXYwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjExNDAzMTRaGA\
        8yMTI1MDYxNTE0MDMxNFowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCiyaq6GizMmX83b7JZ+Dl3VwDz1kQiu\
        K8QjmOo5KP7W2KIH2rfPQbtavNL623iKLCuwNVTwFQzJhNc0u3bqEbWjUzBRMB0GA1UdDgQWBBShI2oi7VCfPjFZFo9BFCKCpWcUgjAfBgNVHS\
        MEGDAWgBShI2oi7VCfPjFZFo9BFCKCpWcUgjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQDK7ajiva2tYzKAysMTlPYvnjqZ\
        SJ7CaUkvvuvGPIhqgQIgX4p0YW0HfbSaiiA2vCk1B0/jUf16QgpJIEA609pBT1E=
        """, """
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6AwKplrucupWLYWDJQbGSqX/ec+ClTq2FfayPYa9zlOhRANCAAQosmquhoszJl\
        /N2+yWfg5d1cA89ZEIrivEI5jqOSj+1tiiB9q3z0G7WrzS+tt4iiwrsDVU8BUMyYTXNLt26hG1
        """)
        case .rsa: ("""
        MIIDATCCAemgAwIBAgIUY7tw+4iDKCfXWsRjEg9ZyHdC1oEwDQYJKoZIhvcNAQELBQAwDzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjExNDAzMT\
        RaGA8yMTI1MDYxNTE0MDMxNFowDzENMAsGA1UEAwwEdGVzdDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAN0yOlkqstkP8kiDm6ps\
        lHNsFoGa7mTh42iEjtoI7x8H3iTZTDwCP71S4xfvxk10ZyvdD/FQ6r4IQ7dUQMAAXtXdja1dN+mlBwxCfOwZrPBwWYwjGMFxYwQozfrEHYdLRw\
        SBYeTbUDUs/KX5cmTTvjRrlr0nhxRtvalwdT8ll/oc1KAq3JdiBtKwpJJoksa9fBhn8rnIpePAKiryKNXsDE3/WaxdFC6J6NkPgsqKfQvpWuQh\
        EEGLROAl49DJTy7gmgfgh2mGLnGclP5NMOrxLF5DIoA4Yph2W1r4/1HBprtaKhcz5J8mjwvOpxbT1YqiQBQctqQsQpXBy0VQlkEff58CAwEAAa\
        NTMFEwHQYDVR0OBBYEFCs95CY3+PofyMEfYMTi1uvq6i1tMB8GA1UdIwQYMBaAFCs95CY3+PofyMEfYMTi1uvq6i1tMA8GA1UdEwEB/wQFMAMB\
        Af8wDQYJKoZIhvcNAQELBQADggEBABfn8paVH14+vj9bjddc6OC+1d3zDTcx2OrvJYG0WB9KGbUIS9XA+wpVD6nA3k/c0T8rVCFsORT7iKgm6Z\
        1OlBK0AMA3nDvM39mV5J+mITZJJHm2D8ibqcKp7z+Ufb3U58rHlx+wysOiIQcP4t0y/HS57lxiMU6Kt6zfnIS2+x93VJkgzf//Cv8sYd5PcMar\
        tOidO6dT/Zt9c/4BMUaS3x+ppy0cK3zs9Y0MUWN2r7XHy0dUmPZUCk1WR7eBzzP9Xk4dEMrCJ4gMmuWmLOmcvqncC3GRzF7IdFHctMmD05wz2y\
        w0vIYGQtGxa4t/N851XU8VFLaCpQLHF0pfgueKGEE=
        """, """
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDdMjpZKrLZD/JIg5uqbJRzbBaBmu5k4eNohI7aCO8fB94k2Uw8Aj+9UuMX78\
        ZNdGcr3Q/xUOq+CEO3VEDAAF7V3Y2tXTfppQcMQnzsGazwcFmMIxjBcWMEKM36xB2HS0cEgWHk21A1LPyl+XJk0740a5a9J4cUbb2pcHU/JZf6\
        HNSgKtyXYgbSsKSSaJLGvXwYZ/K5yKXjwCoq8ijV7AxN/1msXRQuiejZD4LKin0L6VrkIRBBi0TgJePQyU8u4JoH4Idphi5xnJT+TTDq8SxeQy\
        KAOGKYdlta+P9Rwaa7WioXM+SfJo8LzqcW09WKokAUHLakLEKVwctFUJZBH3+fAgMBAAECggEAbZ4cqF+urj9m1GTUWgrhLqocJTKAfeIr7nny\
        yT6wMfKWNjCxxPNgXxSakhwza+MJ1gUBh5eQHYi+9jV8uSn11YqsUYPm15T+/yZb/i1jNOyYlAg4lnT4mvEV0vYppAi8MxFjUCUXhKK8ugv6kt\
        kUY6oF08uo94jC+xtOH3Mj88A1r+PC9RpeKM02QoJC2F00ygGQIQQSs6EvGt+C8UUr5OaKEp9rPz9sF2TYDwW0rkLAka8yU+zCuayIQXWH2j2R\
        D2js5oyNaEOmDJGmc8L6iwhhnXqOJb8fOH8XqfZG7uyItsR5LkBqu0baBqzr9ZNXdJ2sl7ZC2oMP5MdaW7Ae8QKBgQD7c9C8yhtqN+tMKRiTpx\
        gUTLCb5vPor5PNJfBpi8yHGLBQK4UIxmzafwLqel3hOn2gtKGqnnLdxjA6Xk2oMiP5tft1uh+hxWPpak05NiSWg3c5CAJQbjIN6OjLRUAHBBKT\
        BaFSNhnZ3jHtN4Sy6VhUiOdCLEi0ijtqZTfNqZXIJQKBgQDhMlTF/A3xsTVwP+EVID6otFmyZSPQ7XResK10r4kN+wonfnetVaXhqy6KULpVgj\
        FcSeOoxPLs5DVd62H+OtqFcxA+4tw7YmtZxjpd+a3HcyM19co+nmDUI/60FHfHn0pN8UsQgUhqfQFvb5wr5UlgP7QhDB2sly72AkvF1zkLcwKB\
        gGoz4FXchve15oukT90NFf585ZrzUNFWVvaur3vkr93fb5hsySOLqy4dtv2R8VTPf4AAysdlZN6GdpgwfFwt0UQGuM5gbjvFQw2y+CrR02I+5H\
        wSBegyorF9TdWMyh4seivelORENWbvkea/LCzkoYoSyJoKWirmt3GYjpkupzSBAoGACyyoMDrVpkyYzj0dOiMjeNOaL9P89v0RbTFvKf8b2em/\
        Ez6fSaaaWJxZ7tsao+uV73JrLZC4TTD1xPdNIYRiG4UeJUC0lO3JTeccNlWRXfhEowTTSFArldtDZEQvvWQWF9AFXYhMw5v4WkM7iKIUBgajNZ\
        CYWFwYJHTwtZx8ZCkCgYEAo+c3MbqxKxQp6cdLvy+P55hDbGccWgVLQ2zo0EWF7WnhbXytd2ovt2DjqGuiLq7+cBwjw7FeVN1h0ytA449PZv/V\
        tLg6puHaSn78lJ2L/97pbvpANceq/YCS1plR0Uc+Biw0UydCWsEbNRDOuNX6l1CYhuxjuHKp5HAOKQfrBe0=
        """)
        case .ed25519: ("""
        MIIBNDCB56ADAgECAhQgHnCInDx12dMqp0BGhMf4oyWS8jAFBgMrZXAwDzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjExNDAzMTRaGA8yMTI1MD\
        YxNTE0MDMxNFowDzENMAsGA1UEAwwEdGVzdDAqMAUGAytlcAMhAMx3/lSztPKce95gOVzZ5/Oq0RNgQU3+EyZhg6x7vReYo1MwUTAdBgNVHQ4E\
        FgQUW/5aSrh6Yrw4J5RQ1zwfz0F1Ax4wHwYDVR0jBBgwFoAUW/5aSrh6Yrw4J5RQ1zwfz0F1Ax4wDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQ\
        C8WCTRjiiyyloUHp9U18Mdms1QUbc9jaPMKhNehyJ7JDrJ2vyz0vM9qaB8XS3F6iT8YOX8vKnf2JMgkHxVdhkP
        """, """
        MC4CAQAwBQYDK2VwBCIEIAfcFaCg5YF8f+4M4kMoGyh/UE4BpM5S7+t58zmEW4+K
        """)
        }
    }
}
