/// The node's own pages, for people with a browser: what it serves at `/`.
///
/// They are plain HTML, style and modules of JavaScript in `Site`, and part of the program: nothing is read from a disk, nothing
/// comes from elsewhere. They ask the same interface as everybody.
public enum Dashboard {
    public static let files = StaticFiles([
        "/index.html": file(PackageResources.index_html, "text/html"),
        "/style.css": file(PackageResources.style_css, "text/css"),
        "/favicon.svg": file(PackageResources.favicon_svg, "image/svg+xml"),
        "/agreements.js": file(PackageResources.agreements_js, "text/javascript"),
        "/api.js": file(PackageResources.api_js, "text/javascript"),
        "/app.js": file(PackageResources.app_js, "text/javascript"),
        "/chain.js": file(PackageResources.chain_js, "text/javascript"),
        "/dom.js": file(PackageResources.dom_js, "text/javascript"),
        "/infrastructure.js": file(PackageResources.infrastructure_js, "text/javascript"),
        "/mapper.js": file(PackageResources.mapper_js, "text/javascript"),
        "/offers.js": file(PackageResources.offers_js, "text/javascript"),
        "/pages.js": file(PackageResources.pages_js, "text/javascript"),
        "/timeline.js": file(PackageResources.timeline_js, "text/javascript"),
    ])

    private static func file(_ bytes: [UInt8], _ type: String) -> StaticFiles.File {
        StaticFiles.File(bytes: bytes, contentType: "\(type); charset=utf-8")
    }
}
